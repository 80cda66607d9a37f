/* gslbd/serve/tsig.h: transaction signatures of zone transfers (RFC 8945). Pure functions; HMACs are OpenSSL's. Off the answer path. */
#ifndef GSLBD_SERVE_TSIG_H
#define GSLBD_SERVE_TSIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "zones/dns/name.h"
#include "zones/dns/numbers.h"

#define TSIG_MAC_MAX    64
#define TSIG_SECRET_MAX 64
#define TSIG_ROOM       (2 * NAME_WIRE_MAX + 10 + 16 + TSIG_MAC_MAX + 6) /* bytes of a record at most */

enum tsig_algorithm { TSIG_SHA1, TSIG_SHA256, TSIG_SHA384, TSIG_SHA512 };

struct tsig_key {
        uint8_t name[NAME_WIRE_MAX]; /* lower case */
        enum tsig_algorithm algorithm;
        uint8_t secret[TSIG_SECRET_MAX];
        size_t secret_length;
};

/* One exchange: a request that was looked at, and the messages that answer it. */
struct tsig {
        bool present;               /* the request is signed */
        const struct tsig_key *key; /* NULL: by nobody we know */
        enum tsig_error error;
        uint8_t name[NAME_WIRE_MAX], algorithm[NAME_WIRE_MAX]; /* as in the request, for replies to keys that are not known */
        uint64_t time;    /* of the request */
        uint16_t original_id;
        uint8_t mac[TSIG_MAC_MAX]; /* the newest: of the request, then of each message in turn */
        size_t mac_length;
        bool later; /* not the first message of the reply */
};

/* Looks at a request with one question. false: it is malformed (FORMERR). */
bool tsig_check(struct tsig *, const uint8_t *request, size_t length, const struct tsig_key *keys, size_t key_count, uint64_t now_s);
/* Signs a message of the reply in place, which has TSIG_ROOM bytes of room behind; returns its new length. */
size_t tsig_sign(struct tsig *, uint8_t *message, size_t length, uint64_t now_s);

#endif
