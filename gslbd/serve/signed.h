/* gslbd/serve/signed.h: answer_query, with a signature around it when the request has one (TSIG). Worker threads,
 * within a QSBR section. */
#ifndef GSLBD_SERVE_SIGNED_H
#define GSLBD_SERVE_SIGNED_H

#include "gslbd/answer/answer.h"

/* Answers a parsed request that is signed. By a key that we know: with a signed reply; by another: NOTAUTH that says
 * why (RFC 8945 5.2). `reply_max`, `answered` and what comes back: as answer_query. */
size_t signed_answer_tsig(const struct answer_context *, const struct answer_peer *, const uint8_t *request,
                          size_t length, const struct query *, uint8_t *reply, size_t reply_max, struct answered *);

/* Answers a parsed request of any type, signed or not. */
static inline size_t signed_answer(const struct answer_context *c, const struct answer_peer *peer,
                                   const uint8_t *request, size_t length, const struct query *q, uint8_t *reply,
                                   size_t reply_max, struct answered *answered)
{
        return q->tsig_at ? signed_answer_tsig(c, peer, request, length, q, reply, reply_max, answered)
                          : answer_query(c, peer, request, q, reply, reply_max, 0, answered);
}

#endif
