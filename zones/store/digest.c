#include "zones/store/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "base/sha256.h"
#include "zones/store/store_private.h"

#define DIGEST_KEY "digest" /* in meta, the higher half first */

struct digester {
        struct sha256 *sha256;
        struct arena *arena;
        struct buffer text;
};

struct digester *digester_new(void)
{
        struct digester *d = memory_alloc(sizeof(*d));

        *d = (struct digester){sha256_new(), arena_new_small(4096), BUFFER_INIT((size_t)1 << 30)};
        return d;
}

void digester_free(struct digester *d)
{
        sha256_free(d->sha256);
        arena_free(d->arena);
        buffer_free(&d->text);
        free(d);
}

/* --- one document --- */

static void begin(struct digester *d, enum kind kind, const char *key)
{
        buffer_clear(&d->text);
        buffer_bytes(&d->text, kind_name(kind), strlen(kind_name(kind)) + 1);
        buffer_bytes(&d->text, key, strlen(key) + 1);
}

static struct digest end(struct digester *d)
{
        uint8_t bytes[SHA256_BYTES];
        struct digest one = {0};

        sha256_of(d->sha256, d->text.data, d->text.length, bytes);
        for (int i = 0; i < 8; i++) {
                one.high = one.high << 8 | bytes[i];
                one.low = one.low << 8 | bytes[8 + i];
        }
        return one;
}

static struct digest of_stored(struct digester *d, enum kind kind, const char *key, const char *json, size_t length)
{
        struct problems none = PROBLEMS_INIT;
        const struct doc *document = doc_parse(d->arena, json, length, DOC_JSON, &none);

        begin(d, kind, key);
        if (document)
                doc_write_canonical(document, &d->text);
        else
                buffer_bytes(&d->text, json, length);
        problems_free(&none);
        arena_reset(d->arena);
        return end(d);
}

static void add(struct digest *sum, const struct digest *one)
{
        sum->low += one->low;
        sum->high += one->high + (sum->low < one->low);
}

void digest_add(struct digester *d, struct digest *sum, enum kind kind, const char *key, const struct doc *document)
{
        begin(d, kind, key);
        doc_write_canonical(document, &d->text);
        const struct digest one = end(d);
        add(sum, &one);
}

void digest_subtract(struct digest *sum, const struct digest *other)
{
        sum->high -= other->high + (sum->low < other->low);
        sum->low -= other->low;
}

void digest_subtract_stored(struct digester *d, struct digest *sum, enum kind kind, const char *key, const char *json,
                            size_t length)
{
        const struct digest one = of_stored(d, kind, key, json, length);

        digest_subtract(sum, &one);
}

/* --- as text --- */

char *digest_text(const struct digest *d, char out[DIGEST_TEXT])
{
        snprintf(out, DIGEST_TEXT, "%016llx%016llx", (unsigned long long)d->high, (unsigned long long)d->low);
        return out;
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
        return a->low == b->low && a->high == b->high;
}

/* --- of a store --- */

bool store_digest(struct store_txn *t, struct digest *kept)
{
        MDB_val key = {strlen(DIGEST_KEY), DIGEST_KEY}, value;
        uint64_t halves[2];
        int code = mdb_get(t->txn, t->store->meta, &key, &value);

        *kept = (struct digest){0};
        if (code || value.mv_size != sizeof(halves))
                return code == MDB_NOTFOUND && !store_revision(t); /* nothing is stored, and the sum of that is 0 */
        memcpy(halves, value.mv_data, sizeof(halves));
        *kept = (struct digest){.high = halves[0], .low = halves[1]};
        return true;
}

int digest_put(struct store_txn *t, const struct digest *d)
{
        const uint64_t halves[2] = {d->high, d->low};
        MDB_val key = {strlen(DIGEST_KEY), DIGEST_KEY}, value = {sizeof(halves), (void *)halves};

        return mdb_put(t->txn, t->store->meta, &key, &value, 0);
}

struct summing {
        struct digester *digester;
        struct digest *sum;
        enum kind kind;
};

static bool sum_one(void *context, const char *key, const char *json, size_t length)
{
        struct summing *s = context;
        const struct digest one = of_stored(s->digester, s->kind, key, json, length);

        add(s->sum, &one);
        return true;
}

bool digest_of_kinds(struct store_txn *t, unsigned kinds, struct digest *sum)
{
        struct summing s = {digester_new(), sum, 0};
        bool good = true;

        *sum = (struct digest){0};
        for (int k = 0; k < KIND_COUNT && good; k++) {
                s.kind = (enum kind)k;
                good = !(kinds & 1u << k) || store_each(t, s.kind, NULL, sum_one, &s);
        }
        digester_free(s.digester);
        return good;
}

bool store_digest_afresh(struct store_txn *t, struct digest *sum)
{
        return digest_of_kinds(t, ~0u, sum);
}

int digest_begin(struct store_txn *t)
{
        struct digest sum;

        return store_digest_afresh(t, &sum) ? digest_put(t, &sum) : t->failed;
}

bool store_digest_check(struct store_txn *t, char *error, size_t error_size)
{
        struct digest kept, is;
        char said[DIGEST_TEXT], found[DIGEST_TEXT];

        if (!store_digest(t, &kept) || !store_digest_afresh(t, &is) || digest_equal(&kept, &is))
                return true;
        snprintf(error, error_size,
                 "the digest of the store is %s, and what it holds comes to %s: documents are not as gslbd wrote them; "
                 "compare them with a backup",
                 digest_text(&kept, said), digest_text(&is, found));
        return false;
}
