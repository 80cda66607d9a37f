/* gslbd/edns.h: the OPT record of replies (RFC 6891) and its options. Answer path. */
#ifndef GSLBD_EDNS_H
#define GSLBD_EDNS_H

#include "gslbd/answer.h"
#include "gslbd/reply.h"

/* How much the OPT record of the reply to this query may take; 0 without EDNS. */
size_t edns_room(const struct query *, const struct answer_settings *);
/* Writes it; the reply's limit is raised by what was kept free. */
void edns_write(struct reply *, const struct query *, const struct answer_settings *, size_t kept);

#endif
