#include "gslbd/answer/cookie.h"

#include <string.h>
#include "base/hash.h"

#define VERSION      1
#define AGE_MAX_S    3600 /* RFC 9018 4.3: older is refused */
#define FUTURE_MAX_S 300  /* as is what comes from further ahead */
#define HEAD_SIZE    16   /* client cookie, version, reserved, time: what is hashed before the address */

/* RFC 9018 4.4: SipHash-2-4 over client cookie, version, reserved, timestamp and address. */
static void sign(const uint8_t head[HEAD_SIZE], const struct address *address, const uint8_t *secret, uint8_t out[8])
{
        uint8_t input[HEAD_SIZE + 16];
        unsigned bytes = address->family == ADDRESS_V4 ? 4 : 16;

        memcpy(input, head, HEAD_SIZE);
        memcpy(input + HEAD_SIZE, address->bytes, bytes);
        uint64_t hash = hash_sip(input, HEAD_SIZE + bytes, secret);
        for (int i = 0; i < 8; i++)
                out[i] = (uint8_t)(hash >> 8 * i);
}

/* Does not stop at the first difference, so that time tells nothing. */
static bool same(const uint8_t a[8], const uint8_t b[8])
{
        uint8_t differ = 0;

        for (int i = 0; i < 8; i++)
                differ |= a[i] ^ b[i];
        return !differ;
}

enum cookie_verdict cookie_check(const struct cookie_settings *s, const uint8_t *cookie, unsigned length,
                                 const struct address *address, uint32_t now_s)
{
        uint8_t hash[8];

        if (!cookie || !s->secret_count)
                return COOKIE_NONE;
        if (length == COOKIE_CLIENT_SIZE)
                return COOKIE_CLIENT_ONLY;
        if (length != COOKIE_SIZE || cookie[8] != VERSION)
                return COOKIE_WRONG;
        uint32_t made =
                (uint32_t)cookie[12] << 24 | (uint32_t)cookie[13] << 16 | (uint32_t)cookie[14] << 8 | cookie[15];
        int32_t age = (int32_t)(now_s - made); /* RFC 1982 arithmetic */
        if (age > AGE_MAX_S || age < -FUTURE_MAX_S)
                return COOKIE_WRONG;
        for (unsigned i = 0; i < s->secret_count; i++) {
                sign(cookie, address, s->secrets[i], hash);
                if (same(hash, cookie + HEAD_SIZE))
                        return COOKIE_VALID;
        }
        return COOKIE_WRONG;
}

void cookie_make(const struct cookie_settings *s, const uint8_t client[COOKIE_CLIENT_SIZE],
                 const struct address *address, uint32_t now_s, uint8_t out[COOKIE_SIZE])
{
        const uint8_t own[8] = {
                VERSION,       0, 0, 0, (uint8_t)(now_s >> 24), (uint8_t)(now_s >> 16), (uint8_t)(now_s >> 8),
                (uint8_t)now_s};

        memcpy(out, client, COOKIE_CLIENT_SIZE);
        memcpy(out + COOKIE_CLIENT_SIZE, own, sizeof(own));
        sign(out, address, s->secrets[0], out + HEAD_SIZE);
}
