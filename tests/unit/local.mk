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

check_PROGRAMS += tests/unit/store_test tests/unit/configuration_test tests/unit/geo_test tests/unit/mmdb_test
tests_unit_store_test_SOURCES = tests/unit/store_test.c tests/unit/suite.h
tests_unit_store_test_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_store_test_LDADD = $(ZONES_LIBS) $(UNIT_LIBS)
tests_unit_configuration_test_SOURCES = tests/unit/configuration_test.c tests/unit/suite.h $(WORLD)
tests_unit_configuration_test_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_configuration_test_LDADD = $(ZONES_LIBS) $(UNIT_LIBS)
tests_unit_geo_test_SOURCES = tests/unit/geo_test.c tests/unit/suite.h
tests_unit_geo_test_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_geo_test_LDADD = $(GEO_LIBS) $(UNIT_LIBS)
tests_unit_mmdb_test_SOURCES = tests/unit/mmdb_test.c tests/unit/suite.h
tests_unit_mmdb_test_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_mmdb_test_LDADD = $(GEO_LIBS) $(UNIT_LIBS)

check_PROGRAMS += tests/unit/probes_test
tests_unit_probes_test_SOURCES = tests/unit/probes_test.c tests/unit/monitors.h tests/unit/monitors.c tests/unit/suite.h
tests_unit_probes_test_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_probes_test_LDADD = $(PROBES_LIBS) $(ZONES_LIBS) $(UNIT_LIBS)

# What ThreadSanitizer cannot see in liburcu.
EXTRA_DIST += tests/tsan.supp
AM_TESTS_ENVIRONMENT = TSAN_OPTIONS="suppressions=$(abs_top_srcdir)/tests/tsan.supp $$TSAN_OPTIONS"; export TSAN_OPTIONS;
