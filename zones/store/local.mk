# The configuration on disk.
zones_libzones_a_SOURCES += \
	zones/store/kind.c zones/store/kind.h zones/store/store.c zones/store/store.h zones/store/store_private.h \
	zones/store/store_revision.c
