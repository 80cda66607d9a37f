# What is answered from: snapshot, steering, explain.
zones_libzones_a_SOURCES += zones/snapshot.h zones/snapshot.c zones/names.h zones/names.c zones/render.h zones/render.c \
	zones/views.h zones/views.c zones/picker.h zones/picker.c zones/steering.h zones/steering_private.h zones/steering.c \
	zones/steering_choose.c zones/explain.h zones/explain.c
