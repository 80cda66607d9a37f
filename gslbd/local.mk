noinst_LIBRARIES += gslbd/libgslbd.a
gslbd_libgslbd_a_SOURCES =
include gslbd/answer.mk
include gslbd/serve.mk
include gslbd/process.mk
