# What is configured: kinds, model, schemas.
zones_libzones_a_SOURCES += \
	zones/config/contents.c zones/config/contents.h zones/config/drain.c zones/config/drain.h zones/config/edited.h zones/config/hold.c zones/config/hold.h \
	zones/config/kinds.c \
	zones/config/match_code.c zones/config/match_code.h zones/config/model.c zones/config/model.h zones/config/names.h zones/config/rollout.c zones/config/rollout.h \
	zones/config/schema_pools.c zones/config/schema_regions.c zones/config/schema_steering.c zones/config/schema_zones.c \
	zones/config/schemas.h
