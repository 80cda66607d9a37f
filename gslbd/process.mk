# The process: settings and main.
sbin_PROGRAMS += gslbd/gslbd
gslbd_gslbd_SOURCES = gslbd/main.c gslbd/settings.h gslbd/settings.c gslbd/settings_dns.c gslbd/notify.h gslbd/notify.c
gslbd_gslbd_LDADD = gslbd/libgslbd.a $(ADMIN_LIBS) $(PROBES_LIBS) $(ZONES_LIBS) $(BASE_LIBS)
