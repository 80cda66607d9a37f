# Which endpoints a client gets.
zones_libzones_a_SOURCES += \
	zones/steering/losses.c zones/steering/losses.h zones/steering/picker.c zones/steering/picker.h \
	zones/steering/rules.c zones/steering/rules.h zones/steering/serving.c zones/steering/serving.h \
	zones/steering/shapes.c zones/steering/steering.h zones/steering/steering_build.c \
	zones/steering/steering_build.h zones/steering/steering_carry.c zones/steering/steering_edit.c \
	zones/steering/steering_edit.h zones/steering/steering_edit_private.h zones/steering/steering_faces.c \
	zones/steering/steering_figures.c zones/steering/steering_links.c zones/steering/steering_lists.c \
	zones/steering/steering_pick.c zones/steering/steering_pools.c zones/steering/steering_routes.c \
	zones/steering/steering_tables.h zones/steering/steering_time.c zones/steering/steering_undo.c \
	zones/steering/steering_update.c zones/steering/suppose.c zones/steering/suppose.h \
	zones/steering/targets.c zones/steering/targets.h
