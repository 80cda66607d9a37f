# The sockets around it.
gslbd_libgslbd_a_SOURCES += \
	gslbd/serve/client_counts.c gslbd/serve/client_counts.h \
	gslbd/serve/confine.c gslbd/serve/confine.h gslbd/serve/port_holder.c gslbd/serve/port_holder.h gslbd/serve/proxy.c gslbd/serve/proxy.h gslbd/serve/serve.c \
	gslbd/serve/serve.h gslbd/serve/serve_settings.c gslbd/serve/serve_settings.h gslbd/serve/signed.c gslbd/serve/signed.h gslbd/serve/sockets.c gslbd/serve/sockets.h gslbd/serve/tcp.c \
	gslbd/serve/tcp.h gslbd/serve/tcp_connection.c gslbd/serve/tcp_private.h gslbd/serve/tsig.c gslbd/serve/tsig.h \
	gslbd/serve/udp.c gslbd/serve/udp.h gslbd/serve/xfr.c gslbd/serve/xfr.h
