# How much one network may get.
gslbd_libgslbd_a_SOURCES += \
	gslbd/limits/buckets.c gslbd/limits/buckets.h gslbd/limits/busiest.c gslbd/limits/busiest.h gslbd/limits/client_prefix.h gslbd/limits/limits.c gslbd/limits/limits.h \
	gslbd/limits/limits_tell.c gslbd/limits/limits_tell.h
