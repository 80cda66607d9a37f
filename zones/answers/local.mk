# What is answered from: names, rendered records, the snapshot.
zones_libzones_a_SOURCES += \
	zones/answers/names.c zones/answers/names.h zones/answers/nodes.h zones/answers/render.c zones/answers/render.h zones/answers/snapshot.c \
	zones/answers/snapshot.h
