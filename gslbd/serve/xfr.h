/* gslbd/serve/xfr.h: zone transfers out (AXFR, RFC 5936) over TCP and TLS, to those that the zone's `transfer` names.
 *
 * What goes out is the zone's static view: its records, and of each service the addresses of all enabled endpoints of
 * its first pool that has some (or the host name), whatever their health. IXFR gets the whole zone (RFC 1995 4). Worker
 * threads, within a QSBR section; not the answer path. */
#ifndef GSLBD_SERVE_XFR_H
#define GSLBD_SERVE_XFR_H

#include <stdbool.h>
#include "gslbd/answer/context.h"
#include "gslbd/answer/query.h"

/* Takes a message of the reply. false: no more can be taken, the transfer ends. */
typedef bool xfr_emit(void *context, const uint8_t *message, size_t length);

/* Whether the request is for a transfer: AXFR, or IXFR. */
bool xfr_asked(const struct query *);
/* Makes the whole reply to a request that asks for one, message by message in `room` (ANSWER_REPLY_MAX bytes). false:
 * the reply was not taken; the connection has to end. */
bool xfr_answer(const struct answer_context *, const struct answer_peer *, const uint8_t *request, size_t length,
                const struct query *, uint8_t *room, xfr_emit *, void *context);

#endif
