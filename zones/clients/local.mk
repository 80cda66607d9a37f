# Which clients are alike, and the order of pools that each gets.
zones_libzones_a_SOURCES += \
	zones/clients/classes.c zones/clients/classes.h zones/clients/distance.c zones/clients/distance.h zones/clients/views.c zones/clients/views.h
