# The sockets around it.
gslbd_libgslbd_a_SOURCES += \
	gslbd/serve/answer_settings.c gslbd/serve/answer_settings.h gslbd/serve/proxy.c gslbd/serve/proxy.h gslbd/serve/serve.c \
	gslbd/serve/serve.h gslbd/serve/sockets.c gslbd/serve/sockets.h gslbd/serve/tcp.c gslbd/serve/tcp.h gslbd/serve/tcp_connection.c \
	gslbd/serve/tcp_private.h gslbd/serve/transfer.c gslbd/serve/transfer.h gslbd/serve/tsig.c gslbd/serve/tsig.h gslbd/serve/udp.c \
	gslbd/serve/udp.h
