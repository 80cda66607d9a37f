#include "gslbd/serve/tsig.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include "base/buffer.h"
#include "zones/dns/numbers.h"

#define FUDGE     300 /* seconds, RFC 8945 10 */
#define TIME_SIZE 6

static const struct {
        const char *name; /* wire */
        size_t mac;
        const EVP_MD *(*digest)(void);
} algorithms[] = {[TSIG_SHA1] = {"\011hmac-sha1", 20, EVP_sha1},
                  [TSIG_SHA256] = {"\013hmac-sha256", 32, EVP_sha256},
                  [TSIG_SHA384] = {"\013hmac-sha384", 48, EVP_sha384},
                  [TSIG_SHA512] = {"\013hmac-sha512", 64, EVP_sha512}};

/* --- what is digested --- */

static uint8_t *put(uint8_t *at, uint64_t value, unsigned size)
{
        while (size--)
                *at++ = (uint8_t)(value >> 8 * size);
        return at;
}

/* RFC 8945 4.3.3: class ANY, TTL 0, algorithm, time, fudge, error, other data. */
static size_t variables(const struct tsig *t, uint64_t time, uint16_t error, const uint8_t *other, size_t other_length,
                        uint8_t *out)
{
        unsigned name = name_length(t->name), algorithm = name_length(t->algorithm);
        uint8_t *at = out;

        memcpy(at, t->name, name);
        at = put(at + name, CLASS_ANY, 2);
        at = put(at, 0, 4);
        memcpy(at, t->algorithm, algorithm);
        at = put(at + algorithm, time, TIME_SIZE);
        at = put(at, FUDGE, 2);
        at = put(at, error, 2);
        at = put(at, other_length, 2);
        memcpy(at, other, other_length);
        return (size_t)(at - out) + other_length;
}

struct piece {
        const void *bytes;
        size_t length;
};

static void digest_pieces(const struct tsig_key *key, const struct piece *pieces, size_t count,
                          uint8_t mac[TSIG_MAC_MAX])
{
        struct buffer all = BUFFER_INIT(200000);
        unsigned length = 0;

        for (size_t i = 0; i < count; i++)
                buffer_bytes(&all, pieces[i].bytes, pieces[i].length);
        HMAC(algorithms[key->algorithm].digest(), key->secret, (int)key->secret_length, (const uint8_t *)all.data,
             all.length, mac, &length);
        buffer_free(&all);
}

/* --- the request --- */

static bool skip_name(struct reader *r)
{
        for (;;) {
                uint8_t label = reader_u8(r);
                if (r->failed || (label > 63 && label < COMPRESSED >> 8))
                        return false;
                if (!label)
                        return true;
                if (label >= COMPRESSED >> 8)
                        return reader_u8(r), !r->failed;
                if (!reader_bytes(r, label))
                        return false;
        }
}

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

/* Up to the last record of the message. false: malformed; *last is then where it begins. */
static bool find_last(struct reader *r, unsigned records, size_t *last)
{
        for (*last = 0; records; records--) {
                *last = r->at;
                if (!skip_name(r))
                        return false;
                reader_bytes(r, 8);
                reader_bytes(r, reader_u16(r));
                if (r->failed)
                        return false;
        }
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

static enum tsig_error judge(struct tsig *t, const uint8_t *request, size_t tsig_at, uint64_t fudge,
                             const uint8_t *other, size_t other_length, uint64_t now_s)
{
        uint8_t head[HEADER_SIZE], vars[2 * NAME_WIRE_MAX + 40], mac[TSIG_MAC_MAX];
        size_t whole = algorithms[t->key->algorithm].mac, least = whole / 2 > 10 ? whole / 2 : 10;

        memcpy(head, request, sizeof(head));
        put(head, t->original_id, 2);
        put(head + 10, ((unsigned)request[10] << 8 | request[11]) - 1u, 2);
        const struct piece pieces[] = {{head, sizeof(head)},
                                       {request + HEADER_SIZE, tsig_at - HEADER_SIZE},
                                       {vars, variables(t, t->time, 0, other, other_length, vars)}};
        digest_pieces(t->key, pieces, 3, mac);
        /* RFC 8945 5.2.2.1: MACs may be cut, to half at most. */
        if (t->mac_length > whole || t->mac_length < least || CRYPTO_memcmp(mac, t->mac, t->mac_length) != 0)
                return TSIG_BADSIG;
        return t->time + fudge < now_s || t->time > now_s + fudge ? TSIG_BADTIME : TSIG_GOOD;
}

bool tsig_check(struct tsig *t, const uint8_t *request, size_t length, const struct tsig_key *keys, size_t key_count,
                uint64_t now_s)
{
        struct reader r = reader_of(request, length);
        size_t at;

        memset(t, 0, sizeof(*t));
        reader_bytes(&r, 6);
        unsigned records = reader_u16(&r);
        records += reader_u16(&r);
        unsigned additional = reader_u16(&r);
        if (!skip_name(&r) || !reader_bytes(&r, 4) || !find_last(&r, records + additional, &at))
                return false;
        r = reader_of(request, length);
        reader_bytes(&r, at);
        if (!additional || !read_name(&r, t->name) || reader_u16(&r) != TYPE_TSIG)
                return true; /* not signed; a name that is compressed is none of a TSIG */
        t->present = true;
        unsigned class = reader_u16(&r);
        reader_bytes(&r, 6);
        if (class != CLASS_ANY || !read_name(&r, t->algorithm))
                return false;
        t->time = (uint64_t)reader_u16(&r) << 32;
        t->time |= reader_u32(&r);
        uint16_t fudge = reader_u16(&r);
        t->mac_length = reader_u16(&r);
        const uint8_t *mac = reader_bytes(&r, t->mac_length);
        t->original_id = reader_u16(&r);
        reader_u16(&r);
        uint16_t other_length = reader_u16(&r);
        const uint8_t *other = reader_bytes(&r, other_length);
        if (r.failed || r.at != length || t->mac_length > TSIG_MAC_MAX || other_length > 16)
                return false;
        memcpy(t->mac, mac, t->mac_length);
        t->key = find_key(t, keys, key_count);
        t->error = t->key ? judge(t, request, at, fudge, other, other_length, now_s) : TSIG_BADKEY;
        return true;
}

/* --- the reply --- */

static uint8_t *put_name(uint8_t *at, const uint8_t *name)
{
        unsigned length = name_length(name);

        memcpy(at, name, length);
        return at + length;
}

/* RFC 8945 5.3: the MAC before, the message, and the variables, of which later messages have the time alone (5.3.1). */
static size_t make_mac(struct tsig *t, const uint8_t *message, size_t length, uint64_t time, const uint8_t *other,
                       size_t other_length)
{
        uint8_t before[2], vars[2 * NAME_WIRE_MAX + 40];
        size_t size;

        put(before, t->mac_length, 2);
        if (t->later)
                size = (size_t)(put(put(vars, time, TIME_SIZE), FUDGE, 2) - vars);
        else
                size = variables(t, time, (uint16_t)t->error, other, other_length, vars);
        const struct piece pieces[] = {{before, 2}, {t->mac, t->mac_length}, {message, length}, {vars, size}};
        uint8_t mac[TSIG_MAC_MAX];
        digest_pieces(t->key, pieces, 4, mac);
        t->mac_length = algorithms[t->key->algorithm].mac;
        memcpy(t->mac, mac, t->mac_length);
        t->later = true;
        return t->mac_length;
}

size_t tsig_sign(struct tsig *t, uint8_t *message, size_t length, uint64_t now_s)
{
        bool late =
                t->error == TSIG_BADTIME; /* RFC 8945 5.2.3: signed with the client's time, ours is the other data */
        uint64_t time = late ? t->time : now_s;
        uint8_t other[TIME_SIZE], *at = message + length;
        size_t other_length = late ? sizeof(other) : 0, mac_length = 0;

        put(other, now_s, TIME_SIZE);
        if (t->error == TSIG_GOOD || late)
                mac_length = make_mac(t, message, length, time, other, other_length);
        at = put_name(at, t->name);
        at = put(at, TYPE_TSIG, 2);
        at = put(at, CLASS_ANY, 2);
        at = put(at, 0, 4);
        at = put(at, name_length(t->algorithm) + TIME_SIZE + 4 + mac_length + 6 + other_length, 2);
        at = put_name(at, t->algorithm);
        at = put(at, time, TIME_SIZE);
        at = put(at, FUDGE, 2);
        at = put(at, mac_length, 2);
        memcpy(at, t->mac, mac_length);
        at = put(at + mac_length, t->original_id, 2);
        at = put(at, (uint64_t)t->error, 2);
        at = put(at, other_length, 2);
        memcpy(at, other, other_length);
        put(message + 10, ((unsigned)message[10] << 8 | message[11]) + 1u, 2);
        return (size_t)(at - message) + other_length;
}
