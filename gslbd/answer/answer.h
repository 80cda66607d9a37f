/* gslbd/answer/answer.h: the pure function at the heart: request bytes in, reply bytes out.
 *
 * No system call, no lock, no allocation, no logging. It is what the tests test, the fuzzer fuzzes and the micro-benchmark times.
 * UDP, TCP and TLS only carry bytes to and from it. Any thread; the snapshot must be held in a QSBR section. */
#ifndef GSLBD_ANSWER_ANSWER_H
#define GSLBD_ANSWER_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/address.h"
#include "base/counters.h"
#include "gslbd/answer/cookie.h"
#include "zones/answers/snapshot.h"
#include "zones/steering/steering.h"

#define ANSWER_REPLY_MAX 65535
#define ANSWER_UDP_MAX   1232 /* what we announce and the most we send over UDP (DNS flag day 2020) */

struct tsig_key;

enum transport { TRANSPORT_UDP, TRANSPORT_TCP, TRANSPORT_TLS };

/* What does not change from query to query of a worker, besides the snapshot. */
struct answer_settings {
        const char *nsid;      /* RFC 5001; NULL: none */
        const char *version;   /* CH TXT version.bind; NULL: refused */
        const char *server_id; /* CH TXT id.server; NULL: refused */
        const struct prefix *explain_to; /* who may ask CH TXT explain.NAME: explain_count of them */
        unsigned explain_count;
        struct cookie_settings cookies;
        const uint8_t *report_agent; /* agent domain of RFC 9567, wire, lower case; NULL: none */
        const struct tsig_key *tsig_keys; /* of zone transfers: tsig_key_count of them */
        unsigned tsig_key_count;
        uint16_t keepalive_100ms;    /* idle timeout to tell TCP clients that ask (RFC 7828); 0: not told */
};

struct answer_context {
        const struct snapshot *snapshot;
        const struct answer_settings *settings;
        struct picker_state *picker;
        struct counters *counters;
        uint32_t now_s; /* wall clock, for cookies; the worker refreshes it now and then */
        bool busy;      /* under load: cookies are required where the settings say so */
};

/* Where a request came from. */
struct answer_peer {
        struct address address;
        enum transport transport;
};

/* Answers `request`. `reply` has room for `reply_max` bytes (UDP: at least 512; TCP: ANSWER_REPLY_MAX).
 * Returns the length of the reply, 0 to send none (a response, or too short to have an ID). */
size_t answer(const struct answer_context *, const struct answer_peer *, const uint8_t *request, size_t length, uint8_t *reply,
              size_t reply_max);

#endif
