noinst_LIBRARIES += geo/libgeo.a
geo_libgeo_a_SOURCES = geo/locate.h geo/locate.c geo/mmdb.h geo/mmdb.c geo/mmdb_walk.h geo/ranges.h geo/ranges.c
