noinst_LIBRARIES += probes/libprobes.a
probes_libprobes_a_SOURCES = probes/plan.h probes/verdict.h probes/engine.h probes/health.h
