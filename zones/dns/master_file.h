/* zones/dns/master_file.h: the entries of a master file (RFC 1035 5): lines joined, comments gone, owners absolute,
 * directives followed: $ORIGIN, $TTL, $INCLUDE, and BIND's $GENERATE. What the records say is not looked at. Not for
 * the daemon's long life. */
#ifndef ZONES_DNS_MASTER_FILE_H
#define ZONES_DNS_MASTER_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "base/arena.h"
#include "base/documents/problems.h"

#define MASTER_FILE_DEPTH     10      /* files that include files */
#define MASTER_FILE_GENERATED 1000000 /* entries of one $GENERATE */

struct master_entry {
        const char *owner;  /* absolute, with its last dot */
        const char *rest;   /* type and data, one space between, quotes as they were; in front what is neither TTL nor
                               class IN */
        const char *origin; /* of names in `rest` */
        const char *file;   /* NULL: not known */
        uint32_t ttl;       /* its own, else of $TTL */
        bool has_ttl;       /* whether there is one */
        unsigned line;
};

/* Strings live until the next call. */
typedef void master_visit(void *context, const struct master_entry *);

struct master_options {
        const char *path;   /* whose directory relative $INCLUDEs start from; NULL: the current one */
        const char *origin; /* NULL: the root */
        bool of_gdnsd;      /* @Z is the zone, @F a file's first origin, and $TTL of an included file ends with it */
};

/* Reads all of it; what cannot be read is a problem with its line (and file, when it is an included one), and reading
 * goes on behind it. */
void master_file_read(FILE *, const struct master_options *, struct arena *, struct problems *, master_visit *,
                      void *context);

/* "300", "1h30m": seconds. false: it is no time. */
bool master_ttl_parse(const char *text, uint32_t *out);

#endif
