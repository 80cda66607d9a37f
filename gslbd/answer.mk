# The answer path: bytes in, bytes out.
gslbd_libgslbd_a_SOURCES += gslbd/answer.h gslbd/answer_private.h gslbd/answer.c gslbd/answer_zone.c gslbd/answer_service.c \
	gslbd/answer_chaos.c gslbd/query.h gslbd/query.c gslbd/edns.h gslbd/edns.c gslbd/reply.h gslbd/reply.c gslbd/wire.h
