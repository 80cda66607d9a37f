# What stands around the programs: packages, GeoIP tools, service units.
EXTRA_DIST += dist/packages dist/install-packages .ci/run
geoipdir = $(pkgdatadir)/geoip
geoip_SCRIPTS = dist/geoip/make-country-db
geoip_DATA = dist/geoip/continents
EXTRA_DIST += $(geoip_SCRIPTS) $(geoip_DATA)
