/* zones/explain/explain_brief.h: the story of one answer in a few short lines, for explain over DNS. */
#ifndef ZONES_EXPLAIN_EXPLAIN_BRIEF_H
#define ZONES_EXPLAIN_EXPLAIN_BRIEF_H

#include "zones/answers/snapshot.h"
#include "zones/steering/steering.h"

/* Lines are fit for a string of a TXT record (RFC 1035 3.3.14); what does not fit is left out, and of endpoints no more
 * than BRIEF_ENDPOINTS are looked at: it costs no more where there are thousands. */
#define BRIEF_LINES     16
#define BRIEF_LINE_MAX  120
#define BRIEF_ENDPOINTS 8
struct brief {
        unsigned count;
        char lines[BRIEF_LINES][BRIEF_LINE_MAX + 1];
};

/* Any thread, inside a QSBR section: no allocation, no lock. `found` is in a zone; `client` is located. */
void explain_brief(const struct snapshot *, const struct lookup *found, const struct client *, struct brief *);

#endif
