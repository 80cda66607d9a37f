noinst_LIBRARIES += geo/libgeo.a
# Where a client is.
geo_libgeo_a_SOURCES = \
	geo/facts.h geo/locate.c geo/locate.h geo/mmdb.c geo/mmdb.h geo/mmdb_data.c geo/mmdb_data.h geo/mmdb_walk.h geo/ranges.c geo/ranges.h geo/watch.c geo/watch.h
