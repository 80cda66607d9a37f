# What all probers' verdicts amount to.
probes_libprobes_a_SOURCES += \
	probes/health/health.c probes/health/health.h probes/health/health_brake.c probes/health/health_breaker.c \
	probes/health/health_decide.c probes/health/health_describe.c probes/health/health_private.h probes/health/health_trust.c
