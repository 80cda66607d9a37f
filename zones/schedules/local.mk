# Other values by day and hour.
zones_libzones_a_SOURCES += zones/schedules/schedule.c zones/schedules/schedule.h zones/schedules/schedule_text.c zones/schedules/schema_schedules.c
