/* gslbd/answer/cookie.h: DNS cookies (RFC 7873) in the interoperable form of RFC 9018, so that a fleet behind one
 * address with the same secrets takes each other's. Answer path: pure functions. */
#ifndef GSLBD_ANSWER_COOKIE_H
#define GSLBD_ANSWER_COOKIE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/address.h"

#define COOKIE_CLIENT_SIZE 8
#define COOKIE_SERVER_SIZE 16 /* ours; others' are 8 to 32 */
#define COOKIE_SIZE        (COOKIE_CLIENT_SIZE + COOKIE_SERVER_SIZE)
#define COOKIE_MIN         16
#define COOKIE_MAX         40
#define COOKIE_SECRETS_MAX 3
#define COOKIE_SECRET_SIZE 16

enum cookie_require { COOKIES_WELCOME, COOKIES_UNDER_LOAD, COOKIES_ALWAYS };

/* The first secret signs, all verify: a rotation adds the new one last everywhere, then puts it first, then takes the
 * old one away (RFC 9018 5). No secret: cookies are ignored. */
struct cookie_settings {
        uint8_t secrets[COOKIE_SECRETS_MAX][COOKIE_SECRET_SIZE];
        unsigned secret_count;
        enum cookie_require require; /* of UDP clients; the others get BADCOOKIE, or TC without a cookie at all */
};

enum cookie_verdict { COOKIE_NONE, COOKIE_CLIENT_ONLY, COOKIE_VALID, COOKIE_WRONG };

/* What a request's COOKIE option of `length` bytes (8, or 16 to 40) is worth. */
enum cookie_verdict cookie_check(const struct cookie_settings *, const uint8_t *cookie, unsigned length,
                                 const struct address *, uint32_t now_s);
/* The COOKIE option of the reply: the client's 8 bytes and ours made now. */
void cookie_make(const struct cookie_settings *, const uint8_t client[COOKIE_CLIENT_SIZE], const struct address *,
                 uint32_t now_s, uint8_t out[COOKIE_SIZE]);

#endif
