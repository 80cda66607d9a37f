# The answer path: bytes in, bytes out.
gslbd_libgslbd_a_SOURCES += \
	gslbd/answer/answer.c gslbd/answer/answer.h gslbd/answer/answer_bindings.c gslbd/answer/answer_bindings.h \
	gslbd/answer/answer_chaos.c gslbd/answer/answer_chaos.h gslbd/answer/answer_service.c gslbd/answer/answer_service.h \
	gslbd/answer/answer_zone.c gslbd/answer/answer_zone.h gslbd/answer/answered.h gslbd/answer/asking.c gslbd/answer/asking.h gslbd/answer/context.h \
	gslbd/answer/cookie.c gslbd/answer/cookie.h gslbd/answer/edns.c gslbd/answer/edns.h gslbd/answer/query.c gslbd/answer/query.h \
	gslbd/answer/reply.c gslbd/answer/reply.h
