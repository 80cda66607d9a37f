bin_PROGRAMS += admin/gslbctl
admin_gslbctl_SOURCES = admin/ctl/main.c admin/ctl/ctl.h admin/ctl/client.c admin/ctl/show.c admin/ctl/config.c admin/ctl/operate.c \
	admin/ctl/observe.c admin/ctl/zone.c
admin_gslbctl_LDADD = $(PROBES_LIBS) $(ZONES_LIBS) $(BASE_LIBS)
