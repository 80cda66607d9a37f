# What a change does to traffic.
zones_libzones_a_SOURCES += \
	zones/forecast/asked.c zones/forecast/asked.h zones/forecast/forecast.c zones/forecast/forecast.h \
	zones/forecast/forecast_private.h zones/forecast/forecast_tell.c zones/forecast/leaves.c zones/forecast/spread.c zones/forecast/spread.h
