# What is configured: model, schema, store, zone files.
zones_libzones_a_SOURCES += zones/model.h zones/store.h zones/load.h zones/zonefile.h zones/name.h
