# The sockets around it.
gslbd_libgslbd_a_SOURCES += gslbd/serve.h gslbd/serve.c gslbd/sockets.h gslbd/sockets.c gslbd/udp.h gslbd/udp.c gslbd/tcp.h gslbd/tcp.c
