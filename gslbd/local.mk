noinst_LIBRARIES += gslbd/libgslbd.a
gslbd_libgslbd_a_SOURCES =
include gslbd/answer/local.mk
include gslbd/limits/local.mk
include gslbd/serve/local.mk

# The process: settings and main.
sbin_PROGRAMS += gslbd/gslbd
gslbd_gslbd_SOURCES = \
	gslbd/check.c gslbd/check.h gslbd/descriptors.c gslbd/descriptors.h gslbd/main.c gslbd/notify.c gslbd/notify.h gslbd/privileges.c gslbd/privileges.h gslbd/settings.c gslbd/settings.h gslbd/settings_admin.c gslbd/settings_admin.h gslbd/settings_dns.c gslbd/settings_limits.c
gslbd_gslbd_LDADD = $(GSLBD_LIBS)
