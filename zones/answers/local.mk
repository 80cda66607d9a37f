# What is answered from: names, rendered records, the snapshot.
zones_libzones_a_SOURCES += \
	zones/answers/blocks.c zones/answers/blocks.h zones/answers/compose.c zones/answers/compose.h zones/answers/names.c zones/answers/names.h \
	zones/answers/nodes.h zones/answers/ordered.c zones/answers/ordered.h zones/answers/pages.c zones/answers/pages.h zones/answers/render.c \
	zones/answers/render.h zones/answers/snapshot.c zones/answers/snapshot.h zones/answers/snapshot_build.c zones/answers/snapshot_edit.c \
	zones/answers/snapshot_edit.h
