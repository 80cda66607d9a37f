# What a check is.
zones_libzones_a_SOURCES += \
	zones/monitors/figures.h zones/monitors/monitor.c zones/monitors/monitor.h zones/monitors/schema_monitor_http.c zones/monitors/schema_monitor_load.c \
	zones/monitors/schema_monitor_types.c zones/monitors/schema_monitors.c zones/monitors/schema_monitors.h
