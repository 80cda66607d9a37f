noinst_LIBRARIES += zones/libzones.a
zones_libzones_a_SOURCES =
include zones/config.mk
include zones/answers.mk
