noinst_LIBRARIES += probes/libprobes.a
probes_libprobes_a_SOURCES = probes/plan.h probes/plan.c probes/verdict.h probes/verdict.c probes/state.h probes/state.c \
	probes/engine.h probes/engine.c probes/check_run.h probes/check_http.c probes/check_tcp.c probes/resolve.h \
	probes/resolve.c probes/health.h probes/health.c probes/http_client.h probes/http_client.c

sbin_PROGRAMS += probes/gslb-prober
probes_gslb_prober_SOURCES = probes/prober_main.c probes/uplink.h probes/uplink.c
probes_gslb_prober_LDADD = $(PROBES_LIBS) $(BASE_LIBS)
