noinst_LIBRARIES += probes/libprobes.a
probes_libprobes_a_SOURCES =
include probes/checks/local.mk
include probes/prober/local.mk
include probes/health/local.mk
