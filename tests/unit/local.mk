# Unit tests: one program a room, with the Check library.
check_PROGRAMS += tests/unit/base_test tests/unit/documents_test
UNIT_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
UNIT_LIBS = $(BASE_LIBS) $(CHECK_LIBS)

tests_unit_base_test_SOURCES = tests/unit/base_test.c tests/unit/suite.h
tests_unit_base_test_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_base_test_LDADD = $(UNIT_LIBS)
tests_unit_documents_test_SOURCES = tests/unit/documents_test.c tests/unit/suite.h
tests_unit_documents_test_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_documents_test_LDADD = $(UNIT_LIBS)
