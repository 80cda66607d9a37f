/* gslbd/answer/answer.h: the pure function at the heart: request bytes in, reply bytes out.
 *
 * No system call, no lock, no allocation, no logging. It is what the tests test, the fuzzer fuzzes and the
 * micro-benchmark times. UDP, TCP and TLS only carry bytes to and from it. Any thread; the snapshot must be held in a
 * QSBR section. */
#ifndef GSLBD_ANSWER_ANSWER_H
#define GSLBD_ANSWER_ANSWER_H

#include <stddef.h>
#include <stdint.h>
#include "gslbd/answer/answered.h"
#include "gslbd/answer/context.h"
#include "gslbd/answer/query.h"

/* Answers `request`. `reply` has room for `reply_max` bytes (UDP: ANSWER_UDP_MAX; TCP: ANSWER_REPLY_MAX).
 * Returns the length of the reply, 0 to send none (a response, or too short to have an ID). */
size_t answer(const struct answer_context *, const struct answer_peer *, const uint8_t *request, size_t length,
              uint8_t *reply, size_t reply_max);

/* The same of a request that query_parse has taken apart. The reply leaves `behind` bytes free for a signature, as far
 * as the question and OPT allow. `answered` hears what kind of answer it is. */
size_t answer_query(const struct answer_context *, const struct answer_peer *, const uint8_t *request,
                    const struct query *, uint8_t *reply, size_t reply_max, size_t behind, struct answered *);

/* An empty reply with TC instead: ask again over TCP. Nothing is looked up, and but for a cookie it is no longer than
 * the request. 0: the request cannot be answered so. */
size_t answer_truncated(const struct answer_context *, const struct answer_peer *, const uint8_t *request,
                        const struct query *, uint8_t *reply, size_t reply_max);

#endif
