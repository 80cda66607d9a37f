/* gslbd/answer/edns.h: the OPT record of replies (RFC 6891) and its options. Answer path. */
#ifndef GSLBD_ANSWER_EDNS_H
#define GSLBD_ANSWER_EDNS_H

#include "gslbd/answer/context.h"
#include "gslbd/answer/query.h"
#include "gslbd/answer/reply.h"

/* How much of the reply to keep free for what its OPT record must carry; 0 without EDNS. */
size_t edns_room(const struct query *, const struct answer_settings *);
/* Writes it; the reply's limit is raised by what was kept free. Report channel and EDE text only come along where there
 * is room left. */
void edns_write(struct reply *, const struct query *, const struct answer_context *, const struct answer_peer *,
                size_t kept);
/* The same without options, but for the cookie of a client that sent one. */
void edns_write_least(struct reply *, const struct query *, const struct answer_context *, const struct answer_peer *,
                      size_t kept);

#endif
