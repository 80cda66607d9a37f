/* zones/dns/zonefile.h: zone files in and out, through ldns. Not for the daemon's long life: gslbctl uses it. */
#ifndef ZONES_DNS_ZONEFILE_H
#define ZONES_DNS_ZONEFILE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "base/arena.h"
#include "base/documents/doc.h"
#include "base/documents/problems.h"

struct master_entry;

struct zonefile_options {
        const char *path;   /* where relative $INCLUDEs are looked for; NULL: the current directory */
        const char *origin; /* may be NULL when the file has $ORIGIN or absolute names */
        uint32_t ttl;       /* of records for which the file has none; 0: an hour */
        bool of_gdnsd;      /* see master_file.h */
        /* Given each entry first, when not NULL; true: it is no record of the zone, and taken. */
        bool (*foreign)(void *context, const struct master_entry *);
        void *context;
};

/* Reads a zone file into a zone document ({name, ttl, ns, soa, records}). RRs of one owner and type become one record.
 * NULL with problems (line numbers). */
struct doc *zonefile_read(FILE *, const struct zonefile_options *, struct arena *, struct problems *);

/* Writes a zone document as a zone file that ldns-read-zone and named-checkzone accept. */
bool zonefile_write(FILE *, const struct doc *zone, uint32_t serial, struct problems *);

#endif
