# The answer path: bytes in, bytes out.
gslbd_libgslbd_a_SOURCES += gslbd/answer.h gslbd/answer_private.h gslbd/answer.c gslbd/answer_zone.c gslbd/answer_service.c \
	gslbd/answer_bindings.c gslbd/answer_chaos.c gslbd/query.h gslbd/query.c gslbd/edns.h gslbd/edns.c gslbd/cookie.h gslbd/cookie.c gslbd/reply.h gslbd/reply.c gslbd/wire.h

ANSWER_TEST_LIBS = gslbd/libgslbd.a $(PROBES_LIBS) $(ZONES_LIBS) $(BASE_LIBS) $(CHECK_LIBS)
ANSWER_TEST_HELP = tests/unit/ask.h tests/unit/ask.c tests/unit/world.h tests/unit/world.c tests/unit/suite.h
check_PROGRAMS += tests/unit/answer_zone_test tests/unit/answer_edns_test tests/unit/answer_bindings_test tests/unit/answer_alias_test
tests_unit_answer_zone_test_SOURCES = tests/unit/answer_zone_test.c $(ANSWER_TEST_HELP)
tests_unit_answer_zone_test_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_answer_zone_test_LDADD = $(ANSWER_TEST_LIBS)
tests_unit_answer_edns_test_SOURCES = tests/unit/answer_edns_test.c $(ANSWER_TEST_HELP)
tests_unit_answer_edns_test_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_answer_edns_test_LDADD = $(ANSWER_TEST_LIBS)
tests_unit_answer_bindings_test_SOURCES = tests/unit/answer_bindings_test.c $(ANSWER_TEST_HELP)
tests_unit_answer_bindings_test_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_answer_bindings_test_LDADD = $(ANSWER_TEST_LIBS)
tests_unit_answer_alias_test_SOURCES = tests/unit/answer_alias_test.c $(ANSWER_TEST_HELP)
tests_unit_answer_alias_test_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_answer_alias_test_LDADD = $(ANSWER_TEST_LIBS)
