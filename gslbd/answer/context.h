/* gslbd/answer/context.h: what an answer depends on besides the request. */
#ifndef GSLBD_ANSWER_CONTEXT_H
#define GSLBD_ANSWER_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/address.h"
#include "base/counters.h"
#include "base/tap.h"
#include "gslbd/answer/cookie.h"
#include "zones/answers/snapshot.h"
#include "zones/steering/steering.h"

#define ANSWER_REPLY_MAX 65535
#define ANSWER_UDP_MAX   1232 /* what we announce and the most we send over UDP (DNS flag day 2020) */

struct tsig_key;

enum transport { TRANSPORT_UDP, TRANSPORT_TCP, TRANSPORT_TLS };

/* What does not change from query to query of a worker, besides the snapshot. */
struct answer_settings {
        const char *nsid;                /* RFC 5001; NULL: none */
        const char *version;             /* CH TXT version.bind; NULL: refused */
        const char *server_id;           /* CH TXT id.server; NULL: refused */
        const struct prefix *explain_to; /* who may ask CH TXT explain.NAME: explain_count of them */
        unsigned explain_count;
        struct cookie_settings cookies;
        const uint8_t *report_agent;      /* agent domain of RFC 9567, wire, lower case; NULL: none */
        const struct tsig_key *tsig_keys; /* tsig_key_count of them */
        unsigned tsig_key_count;
        uint16_t udp_max_v4, udp_max_v6; /* bytes of a reply over UDP, 512 to ANSWER_UDP_MAX; 0: that */
        unsigned tcp_idle_ms; /* how long a TCP connection may be silent; told to clients that ask (RFC 7828) */
};

struct answer_context {
        const struct snapshot *snapshot;
        const struct answer_settings *settings;
        struct picker_state *picker;
        struct counters *counters;
        struct tap *tap; /* is told what services answer; NULL: nobody is */
        uint32_t now_s;  /* wall clock, for cookies; the worker refreshes it now and then */
        bool busy;       /* under load: cookies are required where the settings say so */
};

/* Where a request came from. */
struct answer_peer {
        struct address address;
        enum transport transport;
};

#endif
