# Names, numbers and data of the DNS.
zones_libzones_a_SOURCES += \
	zones/dns/master_file.c zones/dns/master_file.h zones/dns/name.c zones/dns/name.h zones/dns/numbers.h zones/dns/rdata.c zones/dns/rdata.h zones/dns/wire.h zones/dns/zonefile.c zones/dns/zonefile.h
