#include "gslbd/serve/tsig.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include "base/memory.h"
#include "zones/dns/wire.h"

#define FUDGE         300 /* seconds, RFC 8945 10 */
#define TIME_SIZE     6
#define FIXED         (10 + TIME_SIZE + 2 + 2 + 2 + 2 + 2) /* of a record, without its names, MAC and other data */
#define OTHER_MAX     16
#define VARIABLES_MAX (2 * NAME_WIRE_MAX + 18 + OTHER_MAX)

static const struct {
        const char *name; /* wire */
        size_t mac;
        const EVP_MD *(*digest)(void);
} algorithms[] = {[TSIG_SHA1] = {"\011hmac-sha1", 20, EVP_sha1},
                  [TSIG_SHA256] = {"\013hmac-sha256", 32, EVP_sha256},
                  [TSIG_SHA384] = {"\013hmac-sha384", 48, EVP_sha384},
                  [TSIG_SHA512] = {"\013hmac-sha512", 64, EVP_sha512}};

/* --- what is digested --- */

static uint8_t *tsig_put(uint8_t *at, uint64_t value, unsigned size)
{
        while (size--)
                *at++ = (uint8_t)(value >> 8 * size);
        return at;
}

/* RFC 8945 4.3.3: class ANY, TTL 0, algorithm, time, fudge, error, other data. */
static size_t variables(const struct tsig *t, uint64_t time, uint16_t fudge, const uint8_t *other, size_t other_length,
                        uint16_t error, uint8_t *out)
{
        unsigned name = name_length(t->name), algorithm = name_length(t->algorithm);
        uint8_t *at = out;

        memcpy(at, t->name, name);
        at = tsig_put(at + name, CLASS_ANY, 2);
        at = tsig_put(at, 0, 4);
        memcpy(at, t->algorithm, algorithm);
        at = tsig_put(at + algorithm, time, TIME_SIZE);
        at = tsig_put(at, fudge, 2);
        at = tsig_put(at, error, 2);
        at = tsig_put(at, other_length, 2);
        memcpy(at, other, other_length);
        return (size_t)(at - out) + other_length;
}

struct piece {
        const void *bytes;
        size_t length;
};

/* false: OpenSSL cannot, for it has no memory or may not use the algorithm. */
static bool digest_pieces(const struct tsig_key *key, const struct piece *pieces, size_t count,
                          uint8_t mac[TSIG_MAC_MAX])
{
        struct buffer all = BUFFER_INIT(200000);
        unsigned length = 0;

        for (size_t i = 0; i < count; i++)
                buffer_bytes(&all, pieces[i].bytes, pieces[i].length);
        bool good = HMAC(algorithms[key->algorithm].digest(), key->secret, (int)key->secret_length,
                         (const uint8_t *)all.data, all.length, mac, &length);
        buffer_free(&all);
        assert(!good || length == algorithms[key->algorithm].mac);
        return good;
}

/* --- the request --- */

/* An uncompressed name (RFC 8945 4.2), in lower case. */
static bool read_name(struct reader *r, uint8_t out[NAME_WIRE_MAX])
{
        size_t n = 0;

        for (;;) {
                uint8_t label = reader_u8(r);
                if (r->failed || label > 63 || n + label + 1 > NAME_WIRE_MAX)
                        return false;
                out[n++] = label;
                if (!label)
                        break;
                const uint8_t *text = reader_bytes(r, label);
                if (!text)
                        return false;
                memcpy(out + n, text, label);
                n += label;
        }
        name_lower(out);
        return true;
}

static const struct tsig_key *find_key(const struct tsig *t, const struct tsig_key *keys, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                const char *algorithm = algorithms[keys[i].algorithm].name;
                if (name_equal(keys[i].name, t->name) && name_equal((const uint8_t *)algorithm, t->algorithm))
                        return &keys[i];
        }
        return NULL;
}

/* Whether the MAC is the key's, and of now. */
static enum tsig_error judge(const struct tsig *t, const uint8_t *request, size_t tsig_at, uint16_t original_id,
                             const uint8_t *other, size_t other_length, uint64_t now_s)
{
        uint8_t head[HEADER_SIZE], vars[VARIABLES_MAX], mac[TSIG_MAC_MAX];

        memcpy(head, request, sizeof(head));
        tsig_put(head, original_id, 2);
        tsig_put(head + 10, wire_get16(request + 10) - 1u, 2);
        const struct piece pieces[] = {{head, sizeof(head)},
                                       {request + HEADER_SIZE, tsig_at - HEADER_SIZE},
                                       {vars, variables(t, t->time, t->fudge, other, other_length, 0, vars)}};
        if (!digest_pieces(t->key, pieces, 3, mac) || CRYPTO_memcmp(mac, t->mac, t->mac_length) != 0)
                return TSIG_BADSIG;
        return t->time + t->fudge < now_s || t->time > now_s + t->fudge ? TSIG_BADTIME : TSIG_GOOD;
}

/* RFC 8945 5.2.2.1: MACs may be cut, to half or 10 bytes at most. */
static bool mac_length_good(const struct tsig *t)
{
        size_t whole = algorithms[t->key->algorithm].mac, least = whole / 2 > 10 ? whole / 2 : 10;

        return t->mac_length <= whole && t->mac_length >= least;
}

bool tsig_check(struct tsig *t, const uint8_t *request, size_t length, size_t tsig_at, const struct tsig_key *keys,
                size_t key_count, uint64_t now_s)
{
        struct reader r = reader_of(request, length);

        assert(tsig_at >= HEADER_SIZE && tsig_at < length);
        memset(t, 0, sizeof(*t));
        reader_bytes(&r, tsig_at);
        if (!read_name(&r, t->name))
                return false;
        unsigned type = reader_u16(&r), class = reader_u16(&r);
        uint32_t ttl = reader_u32(&r);
        reader_u16(&r); /* RDLENGTH: what it says is checked by the end */
        if (type != TYPE_TSIG || class != CLASS_ANY || ttl || !read_name(&r, t->algorithm))
                return false;
        t->time = (uint64_t)reader_u16(&r) << 32;
        t->time |= reader_u32(&r);
        t->fudge = reader_u16(&r);
        t->mac_length = reader_u16(&r);
        const uint8_t *mac = reader_bytes(&r, t->mac_length);
        uint16_t original_id = reader_u16(&r);
        reader_u16(&r); /* error: of replies */
        uint16_t other_length = reader_u16(&r);
        const uint8_t *other = reader_bytes(&r, other_length);
        if (r.failed || r.at != length || t->mac_length > TSIG_MAC_MAX || other_length > OTHER_MAX)
                return false;
        memcpy(t->mac, mac, t->mac_length);
        t->key = find_key(t, keys, key_count);
        if (t->key && !mac_length_good(t))
                return false;
        t->error = t->key ? judge(t, request, tsig_at, original_id, other, other_length, now_s) : TSIG_BADKEY;
        return true;
}

/* --- the reply --- */

static uint8_t *put_name(uint8_t *at, const uint8_t *name)
{
        unsigned length = name_length(name);

        memcpy(at, name, length);
        return at + length;
}

/* RFC 8945 5.2.3: told with the client's time and fudge, and ours as the other data. */
static bool is_late(const struct tsig *t)
{
        return t->error == TSIG_BADTIME;
}

/* RFC 8945 5.3.2: who has no key, or another, gets no signature. */
static size_t mac_size(const struct tsig *t)
{
        return t->error == TSIG_GOOD || is_late(t) ? algorithms[t->key->algorithm].mac : 0;
}

size_t tsig_room(const struct tsig *t)
{
        return FIXED + name_length(t->name) + name_length(t->algorithm) + mac_size(t) + (is_late(t) ? TIME_SIZE : 0);
}

/* RFC 8945 5.3: the MAC before, the message, and the variables, of which later messages have the time alone (5.3.1). */
static void make_mac(struct tsig *t, const uint8_t *message, size_t length, uint64_t time, uint16_t fudge,
                     const uint8_t *other, size_t other_length)
{
        uint8_t before[2], vars[VARIABLES_MAX], mac[TSIG_MAC_MAX];
        size_t size;

        tsig_put(before, t->mac_length, 2);
        if (t->later)
                size = (size_t)(tsig_put(tsig_put(vars, time, TIME_SIZE), fudge, 2) - vars);
        else
                size = variables(t, time, fudge, other, other_length, (uint16_t)t->error, vars);
        const struct piece pieces[] = {{before, 2}, {t->mac, t->mac_length}, {message, length}, {vars, size}};
        if (!digest_pieces(t->key, pieces, 4, mac))
                memory_failed(); /* the request's could be made */
        t->mac_length = mac_size(t);
        memcpy(t->mac, mac, t->mac_length);
        t->later = true;
}

size_t tsig_sign(struct tsig *t, uint8_t *message, size_t length, uint64_t now_s)
{
        uint64_t time = is_late(t) ? t->time : now_s;
        uint16_t fudge = is_late(t) ? t->fudge : FUDGE;
        uint8_t other[TIME_SIZE], *at = message + length;
        size_t other_length = is_late(t) ? sizeof(other) : 0, mac = mac_size(t), all = length + tsig_room(t);

        assert(length >= HEADER_SIZE);
        tsig_put(other, now_s, TIME_SIZE);
        if (mac)
                make_mac(t, message, length, time, fudge, other, other_length);
        at = put_name(at, t->name);
        at = tsig_put(at, TYPE_TSIG, 2);
        at = tsig_put(at, CLASS_ANY, 2);
        at = tsig_put(at, 0, 4);
        at = tsig_put(at, name_length(t->algorithm) + FIXED - 10 + mac + other_length, 2);
        at = put_name(at, t->algorithm);
        at = tsig_put(at, time, TIME_SIZE);
        at = tsig_put(at, fudge, 2);
        at = tsig_put(at, mac, 2);
        memcpy(at, t->mac, mac);
        at = tsig_put(at + mac, wire_get16(message), 2); /* the original ID is that of this message */
        at = tsig_put(at, (uint64_t)t->error, 2);
        at = tsig_put(at, other_length, 2);
        memcpy(at, other, other_length);
        tsig_put(message + 10, wire_get16(message + 10) + 1u, 2);
        assert((size_t)(at - message) + other_length == all);
        return all;
}
