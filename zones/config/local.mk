# What is configured: kinds, model, schemas, loading.
zones_libzones_a_SOURCES += \
	zones/config/contents.c zones/config/contents.h zones/config/drain.c zones/config/drain.h zones/config/kinds.c \
	zones/config/load.c zones/config/load.h zones/config/load_bindings.c zones/config/load_document.c zones/config/load_link.c \
	zones/config/load_monitors.c zones/config/load_numbers.c zones/config/load_private.h zones/config/load_records.c zones/config/load_rest.c \
	zones/config/load_services.c zones/config/match_code.c zones/config/match_code.h zones/config/model.c zones/config/model.h \
	zones/config/model_problem.c zones/config/model_problem.h zones/config/names.h zones/config/schema_pools.c zones/config/schema_regions.c \
	zones/config/schema_steering.c zones/config/schema_zones.c zones/config/schemas.h zones/config/serials.c zones/config/serials.h
