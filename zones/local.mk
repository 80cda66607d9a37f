noinst_LIBRARIES += zones/libzones.a
zones_libzones_a_SOURCES =
include zones/dns/local.mk
include zones/store/local.mk
include zones/monitors/local.mk
include zones/schedules/local.mk
include zones/config/local.mk
include zones/load/local.mk
include zones/clients/local.mk
include zones/steering/local.mk
include zones/answers/local.mk
include zones/explain/local.mk
include zones/forecast/local.mk
