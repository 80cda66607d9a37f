/* gslbd/serve/tsig.h: transaction signatures (RFC 8945). Pure functions; HMACs are OpenSSL's, which allocate: not for
 * answer(). */
#ifndef GSLBD_SERVE_TSIG_H
#define GSLBD_SERVE_TSIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "zones/dns/name.h"
#include "zones/dns/numbers.h"

#define TSIG_MAC_MAX    64
#define TSIG_SECRET_MAX 64
#define TSIG_ROOM_MAX   (2 * NAME_WIRE_MAX + 10 + 16 + TSIG_MAC_MAX + 6) /* bytes of a record at most */

enum tsig_algorithm { TSIG_SHA1, TSIG_SHA256, TSIG_SHA384, TSIG_SHA512 };

struct tsig_key {
        uint8_t name[NAME_WIRE_MAX]; /* lower case */
        enum tsig_algorithm algorithm;
        uint8_t secret[TSIG_SECRET_MAX];
        size_t secret_length;
};

/* One exchange: a signed request that was looked at, and the messages that answer it. */
struct tsig {
        const struct tsig_key *key; /* NULL: by nobody we know */
        enum tsig_error error;
        uint8_t name[NAME_WIRE_MAX], algorithm[NAME_WIRE_MAX]; /* of the request, also of a key that is not known */
        uint64_t time;                                         /* likewise */
        uint16_t fudge;
        uint8_t mac[TSIG_MAC_MAX]; /* the newest: of the request, then of each message in turn */
        size_t mac_length;
        bool later; /* not the first message of the reply */
};

/* Looks at a request whose TSIG record begins at `tsig_at`. false: it is malformed (FORMERR). `error` says whether it
 * is good; with any other error the reply's rcode is NOTAUTH. */
bool tsig_check(struct tsig *, const uint8_t *request, size_t length, size_t tsig_at, const struct tsig_key *keys,
                size_t key_count, uint64_t now_s);
/* The bytes that tsig_sign adds to a message. */
size_t tsig_room(const struct tsig *);
/* Signs a message of the reply in place, which has tsig_room bytes of room behind; returns its new length. */
size_t tsig_sign(struct tsig *, uint8_t *message, size_t length, uint64_t now_s);

#endif
