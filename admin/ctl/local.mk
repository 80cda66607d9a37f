bin_PROGRAMS += admin/gslbctl
admin_gslbctl_SOURCES = admin/ctl/admin.c admin/ctl/backup.c admin/ctl/change.c admin/ctl/client.c admin/ctl/config.c admin/ctl/ctl.h \
	admin/ctl/drain.c admin/ctl/edit.c admin/ctl/files.c admin/ctl/foreign.c admin/ctl/input.c admin/ctl/look/check.c admin/ctl/look/explain.c admin/ctl/look/history.c admin/ctl/look/observe.c admin/ctl/look/status.c admin/ctl/look/top.c admin/ctl/main.c admin/ctl/options.c admin/ctl/options.h \
	admin/ctl/moving/gdnsd.c admin/ctl/moving/gdnsd_common.c admin/ctl/moving/gdnsd_maps.c admin/ctl/moving/gdnsd_monitors.c admin/ctl/moving/gdnsd_pools.c \
	admin/ctl/moving/gdnsd_private.h admin/ctl/moving/gdnsd_services.c admin/ctl/moving/moving.c admin/ctl/moving/moving.h \
	admin/ctl/moving/vscf.c admin/ctl/moving/vscf.h \
	admin/ctl/rollout.c admin/ctl/screen/terminal.c admin/ctl/screen/terminal.h admin/ctl/screen/watch.c admin/ctl/screen/watch.h \
	admin/ctl/show.c admin/ctl/traffic.c admin/ctl/trial.c admin/ctl/verbs.c admin/ctl/verbs.h admin/ctl/watch.c admin/ctl/words.c admin/ctl/words.h
admin_gslbctl_LDADD = $(PROBES_LIBS) $(ZONES_LIBS) $(BASE_LIBS)
