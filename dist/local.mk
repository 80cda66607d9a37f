# What stands around the programs: packages, GeoIP tools, completion, the service unit.
EXTRA_DIST += dist/packages dist/install-packages .ci/run dist/gslbd.service.in dist/gslbctl.bash
geoipdir = $(pkgdatadir)/geoip
geoip_SCRIPTS = dist/geoip/make-country-db
geoip_DATA = dist/geoip/continents
EXTRA_DIST += $(geoip_SCRIPTS) $(geoip_DATA)
completiondir = $(datadir)/bash-completion/completions
systemdunitdir = $(prefix)/lib/systemd/system
nodist_systemdunit_DATA = dist/gslbd.service
CLEANFILES += dist/gslbd.service
dist/gslbd.service: $(srcdir)/dist/gslbd.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) dist && sed -e 's|@sbindir[@]|$(sbindir)|g' -e 's|@sysconfdir[@]|$(sysconfdir)|g' \
		$(srcdir)/dist/gslbd.service.in >$@.new && mv $@.new $@
# What gslbd's own user is given of root's keys lies in a directory that root alone enters.
install-data-hook:
	$(MKDIR_P) -m 0700 $(DESTDIR)$(sysconfdir)/gslbd/tls
	$(MKDIR_P) $(DESTDIR)$(completiondir)
	$(INSTALL_DATA) $(srcdir)/dist/gslbctl.bash $(DESTDIR)$(completiondir)/gslbctl
uninstall-hook:
	rm -f $(DESTDIR)$(completiondir)/gslbctl
