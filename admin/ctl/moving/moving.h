/* admin/ctl/moving/moving.h: configurations of other servers become a document for `gslbctl apply`, and a report of
 * what became what. Each reader of another server's files is one file beside this, or a few; they talk to nobody. One
 * thread. */
#ifndef ADMIN_CTL_MOVING_MOVING_H
#define ADMIN_CTL_MOVING_MOVING_H

#include <stdbool.h>
#include "base/arena.h"
#include "base/documents/doc.h"
#include "base/documents/problems.h"

/* How near what became of something comes to what it was. */
enum moved { MOVED_SAME, MOVED_NEAR, MOVED_NONE };

struct moving {
        struct arena *arena;
        struct problems *problems; /* what cannot be read: then there is no result */
        struct doc *out;           /* regions, networks, monitors, pools, zones, services */
        struct doc *report;        /* list of {place, was, became, equal: same | near | none} */
        unsigned counts[3];        /* by enum moved */
};

void moving_begin(struct moving *, struct arena *, struct problems *);
/* A line of the report. `place`: where it stood, "config:12" or "zones/example.com:7". `became`: printf; what is near
 * or has no equal says how it differs. */
void moving_tell(struct moving *, enum moved, const char *place, const char *was, const char *became, ...)
        __attribute__((format(printf, 5, 6)));
/* The list of a kind in `out`, "pools". */
struct doc *moving_list(struct moving *, const char *kind);
/* The item called so in a kind; NULL: none. */
struct doc *moving_find(struct moving *, const char *kind, const char *name);
/* A name for an item of a kind made of `text`: what names may hold, and not taken yet. */
const char *moving_name(struct moving *, const char *kind, const char *text);
/* Kinds that hold nothing go, the others come into the order in which people write them. */
void moving_end(struct moving *);

/* Each takes the file or directory that the other server reads. false: problems say why. */
bool moving_gdnsd(struct moving *, const char *directory);

#endif
