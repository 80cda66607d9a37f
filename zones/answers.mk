# What is answered from: snapshot, steering, explain.
zones_libzones_a_SOURCES += zones/snapshot.h zones/steering.h zones/explain.h
