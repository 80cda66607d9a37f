# The answer path: bytes in, bytes out.
gslbd_libgslbd_a_SOURCES += gslbd/answer.h
