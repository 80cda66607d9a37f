noinst_LIBRARIES += geo/libgeo.a
geo_libgeo_a_SOURCES = geo/locate.h geo/mmdb.h
