/* gslbd/serve/signed.h: answer_query, with a signature around it when the request has one (TSIG). Worker threads,
 * within a QSBR section. */
#ifndef GSLBD_SERVE_SIGNED_H
#define GSLBD_SERVE_SIGNED_H

#include "gslbd/answer/answer.h"

/* Answers a parsed request of any type. A signed one by a key that we know gets a signed reply, by another one NOTAUTH
 * that says why (RFC 8945 5.2); whoever does not sign is answered likewise. `reply_max` and what comes back: as
 * answer(). */
size_t signed_answer(const struct answer_context *, const struct answer_peer *, const uint8_t *request, size_t length,
                     const struct query *, uint8_t *reply, size_t reply_max);

#endif
