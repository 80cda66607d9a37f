# Clocks of other places.
base_libbase_a_SOURCES += \
	base/time_zones/civil.c base/time_zones/civil.h base/time_zones/rule.c base/time_zones/rule.h base/time_zones/time_zone.c \
	base/time_zones/time_zone.h base/time_zones/time_zones.c base/time_zones/time_zones.h base/time_zones/when.c base/time_zones/when.h
