# The sockets around it.
gslbd_libgslbd_a_SOURCES += gslbd/serve.h
