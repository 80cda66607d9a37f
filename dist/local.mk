# What stands around the programs: packages, GeoIP tools, completion, the service unit.
EXTRA_DIST += dist/packages dist/install-packages .ci/run dist/gslbd.service dist/gslbctl.bash
geoipdir = $(pkgdatadir)/geoip
geoip_SCRIPTS = dist/geoip/make-country-db
geoip_DATA = dist/geoip/continents
EXTRA_DIST += $(geoip_SCRIPTS) $(geoip_DATA)
completiondir = $(datadir)/bash-completion/completions
install-data-hook:
	$(MKDIR_P) $(DESTDIR)$(completiondir)
	$(INSTALL_DATA) $(srcdir)/dist/gslbctl.bash $(DESTDIR)$(completiondir)/gslbctl
uninstall-hook:
	rm -f $(DESTDIR)$(completiondir)/gslbctl
