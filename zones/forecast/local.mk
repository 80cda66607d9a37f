# What a change does to traffic.
zones_libzones_a_SOURCES += zones/forecast/asked.h
