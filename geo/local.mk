noinst_LIBRARIES += geo/libgeo.a
geo_libgeo_a_SOURCES = geo/locate.h geo/locate.c geo/mmdb.h geo/mmdb.c geo/mmdb_walk.h \
	geo/mmdb_data.h geo/mmdb_data.c geo/ranges.h geo/ranges.c

check_PROGRAMS += tests/unit/mmdb_made_test
tests_unit_mmdb_made_test_SOURCES = tests/unit/mmdb_made_test.c tests/unit/mmdb_file.h tests/unit/mmdb_file.c tests/unit/suite.h
tests_unit_mmdb_made_test_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_mmdb_made_test_LDADD = $(GEO_LIBS) $(BASE_LIBS) $(CHECK_LIBS)
