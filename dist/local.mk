# What stands around the programs: packages, GeoIP tools, completion, the service unit.
EXTRA_DIST += dist/packages dist/install-packages .ci/run dist/gslbctl.bash dist/gslbctl.fish dist/gslbctl.zsh dist/gslbd.yaml \
	dist/gslbd.service.in dist/gslb-prober.service.in dist/gslbd.sysusers dist/gslb-prober.sysusers dist/prober.env
geoipdir = $(pkgdatadir)/geoip
geoip_SCRIPTS = dist/geoip/make-country-db
geoip_DATA = dist/geoip/continents
EXTRA_DIST += $(geoip_SCRIPTS) $(geoip_DATA)
completiondir = $(datadir)/bash-completion/completions
zshdir = $(datadir)/zsh/site-functions
fishdir = $(datadir)/fish/vendor_completions.d
systemdunitdir = $(prefix)/lib/systemd/system
nodist_systemdunit_DATA = dist/gslbd.service dist/gslb-prober.service
sysusersdir = $(prefix)/lib/sysusers.d
CLEANFILES += $(nodist_systemdunit_DATA)
$(nodist_systemdunit_DATA): %: $(srcdir)/%.in Makefile
	$(AM_V_GEN)$(MKDIR_P) dist && sed -e 's|@sbindir[@]|$(sbindir)|g' -e 's|@sysconfdir[@]|$(sysconfdir)|g' \
		$(srcdir)/$@.in >$@.new && mv $@.new $@
# What gslbd's own user is given of root's keys lies in a directory that root alone enters. Settings that there are stay.
install-data-hook:
	$(MKDIR_P) -m 0700 $(DESTDIR)$(sysconfdir)/gslbd/tls
	test -e $(DESTDIR)$(sysconfdir)/gslbd/gslbd.yaml || $(INSTALL_DATA) $(srcdir)/dist/gslbd.yaml $(DESTDIR)$(sysconfdir)/gslbd/gslbd.yaml
	$(MKDIR_P) $(DESTDIR)$(sysusersdir) $(DESTDIR)$(completiondir) $(DESTDIR)$(zshdir) $(DESTDIR)$(fishdir) \
		$(DESTDIR)$(docdir)/examples
	$(INSTALL_DATA) $(srcdir)/dist/gslbd.sysusers $(DESTDIR)$(sysusersdir)/gslbd.conf
	$(INSTALL_DATA) $(srcdir)/dist/gslb-prober.sysusers $(DESTDIR)$(sysusersdir)/gslb-prober.conf
	$(INSTALL_DATA) $(srcdir)/dist/gslbctl.bash $(DESTDIR)$(completiondir)/gslbctl
	$(INSTALL_DATA) $(srcdir)/dist/gslbctl.zsh $(DESTDIR)$(zshdir)/_gslbctl
	$(INSTALL_DATA) $(srcdir)/dist/gslbctl.fish $(DESTDIR)$(fishdir)/gslbctl.fish
	$(INSTALL_DATA) $(srcdir)/dist/prober.env $(DESTDIR)$(docdir)/examples/prober.env
uninstall-hook:
	rm -f $(DESTDIR)$(completiondir)/gslbctl $(DESTDIR)$(zshdir)/_gslbctl $(DESTDIR)$(fishdir)/gslbctl.fish $(DESTDIR)$(docdir)/examples/prober.env \
		$(DESTDIR)$(sysusersdir)/gslbd.conf $(DESTDIR)$(sysusersdir)/gslb-prober.conf
