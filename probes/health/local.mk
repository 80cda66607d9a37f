# What all probers' verdicts amount to.
probes_libprobes_a_SOURCES += \
	probes/health/brake.c probes/health/due.c probes/health/due.h probes/health/entry.c probes/health/entry.h probes/health/health.c \
	probes/health/health.h probes/health/health_describe.c probes/health/health_private.h probes/health/health_probers.c \
	probes/health/health_reports.c probes/health/health_trust.c probes/health/settle.c probes/health/stir.c
