# What runs checks and reports them.
probes_libprobes_a_SOURCES += \
	probes/prober/asked.c probes/prober/asked.h probes/prober/engine.c probes/prober/engine.h probes/prober/host.c probes/prober/host.h probes/prober/http_client.c \
	probes/prober/http_client.h probes/prober/kept.c probes/prober/kept.h probes/prober/plan.c probes/prober/plan.h \
	probes/prober/plan_document.c probes/prober/roster.c probes/prober/roster.h

sbin_PROGRAMS += probes/gslb-prober
probes_gslb_prober_SOURCES = probes/prober/prober_main.c probes/prober/uplink.c probes/prober/uplink.h
probes_gslb_prober_LDADD = $(PROBES_LIBS) $(ZONES_LIBS) $(BASE_LIBS)
