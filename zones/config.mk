# What is configured: model, schema, store, zone files.
zones_libzones_a_SOURCES += zones/model.h zones/model.c zones/kinds.c zones/schemas.h zones/schema_regions.c zones/schema_monitors.h zones/schema_monitors.c zones/schema_monitor_http.c zones/schema_monitor_types.c zones/schema_monitor_load.c zones/schema_pools.c \
	zones/schema_zones.c zones/schema_steering.c zones/store.h zones/store_private.h zones/store.c zones/store_revision.c zones/load.h \
	zones/load_private.h zones/load.c zones/load_link.c zones/load_monitors.c zones/load_bindings.c zones/load_records.c zones/load_document.c zones/rdata.h \
	zones/rdata.c zones/zonefile.h zones/zonefile.c zones/name.h zones/name.c
