# The sockets around it.
gslbd_libgslbd_a_SOURCES += gslbd/answer_settings.h gslbd/answer_settings.c gslbd/serve.h gslbd/serve.c gslbd/sockets.h gslbd/sockets.c gslbd/udp.h gslbd/udp.c gslbd/tcp.h gslbd/tcp_private.h gslbd/tcp.c gslbd/tcp_connection.c gslbd/proxy.h gslbd/proxy.c gslbd/tsig.h gslbd/tsig.c gslbd/transfer.h gslbd/transfer.c

check_PROGRAMS += tests/unit/proxy_test
tests_unit_proxy_test_SOURCES = tests/unit/proxy_test.c tests/unit/suite.h
tests_unit_proxy_test_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_proxy_test_LDADD = gslbd/libgslbd.a $(BASE_LIBS) $(CHECK_LIBS)
