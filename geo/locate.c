#include "geo/locate.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "base/memory.h"
#include "geo/mmdb_walk.h"
#include "geo/ranges.h"

#define INDEX_BITS 16
#define INDEX_SIZE ((1u << INDEX_BITS) + 1)
#define LAYERS_MAX (GEO_FILES_MAX + 1) /* the databases, and the operator's networks as the last */

/* Where ranges of one class begin. `index` holds, per top 16 bits, how many begin before: the search is among the few
 * that begin inside. */
struct table4 {
        uint32_t count;
        uint32_t *starts;
        uint16_t *classes;
        uint32_t index[INDEX_SIZE];
};

struct table6 {
        uint32_t count;
        address_number *starts;
        uint16_t *classes;
        uint32_t index[INDEX_SIZE];
};

struct locator {
        struct table4 v4;
        struct table6 v6;
};

/* --- classes of what the layers say together --- */

struct combination {
        uint32_t values[LAYERS_MAX];
        uint32_t class_and_one; /* 0: free */
};

struct builder {
        const struct geo *geo;
        size_t layers;
        locator_classify *classify;
        void *context;
        struct combination *known; /* hash table */
        size_t known_count, known_size;
        bool too_many;
};

static struct combination *combination_slot(struct builder *b, const uint32_t *values)
{
        size_t bytes = b->layers * sizeof(*values), i = hash_bytes(values, bytes, 0) & (b->known_size - 1);

        while (b->known[i].class_and_one && memcmp(b->known[i].values, values, bytes))
                i = (i + 1) & (b->known_size - 1);
        return &b->known[i];
}

static void combinations_grow(struct builder *b)
{
        struct combination *old = b->known;
        size_t old_size = b->known_size;

        b->known_size = old_size ? old_size * 2 : 4096;
        b->known = memory_alloc(b->known_size * sizeof(*b->known));
        for (size_t i = 0; i < old_size; i++)
                if (old[i].class_and_one)
                        *combination_slot(b, old[i].values) = old[i];
        free(old);
}

static uint32_t class_of(struct builder *b, const uint32_t *values)
{
        struct geo_facts facts = {0};
        size_t files = b->layers - 1;
        bool covered = false;

        if (b->known_count * 2 >= b->known_size)
                combinations_grow(b);
        struct combination *c = combination_slot(b, values);
        if (c->class_and_one)
                return c->class_and_one - 1;
        for (size_t i = 0; i < files; i++)
                if (values[i]) {
                        mmdb_facts(b->geo, i, values[i] - 1, &facts);
                        covered = true;
                }
        uint32_t class = b->classify(b->context, covered ? &facts : NULL, (int)values[files] - 1);
        b->too_many |= class > LOCATOR_CLASS_MAX;
        memcpy(c->values, values, b->layers * sizeof(*values));
        c->class_and_one = class + 1;
        b->known_count++;
        return class;
}

/* Runs over all layers at once; `out` gets the classes. */
static void combine(struct builder *b, const struct ranges *layers, struct ranges *out)
{
        size_t at[LAYERS_MAX] = {0};
        uint32_t values[LAYERS_MAX] = {0};
        address_number start = 0;

        for (;;) {
                for (size_t i = 0; i < b->layers; i++) {
                        const struct ranges *r = &layers[i];
                        while (at[i] < r->count && r->starts[at[i]] <= start)
                                values[i] = r->values[at[i]++];
                }
                ranges_begin(out, start, class_of(b, values));
                bool more = false;
                address_number next = 0;
                for (size_t i = 0; i < b->layers; i++) {
                        const struct ranges *r = &layers[i];
                        if (at[i] < r->count && (!more || r->starts[at[i]] < next))
                                next = r->starts[at[i]];
                        more |= at[i] < r->count;
                }
                if (!more)
                        return;
                start = next;
        }
}

/* --- building --- */

struct filling {
        struct ranges *v4, *v6;
};

static void add_network(void *context, const struct prefix *p, uint32_t record)
{
        struct filling *f = context;
        ranges_add(p->address.family == ADDRESS_V4 ? f->v4 : f->v6, p, record + 1);
}

static void table4_make(struct table4 *t, const struct ranges *r)
{
        assert(r->count && !r->starts[0]); /* every address has a range that begins at or before it */
        t->count = (uint32_t)r->count;
        t->starts = memory_alloc(r->count * sizeof(*t->starts));
        t->classes = memory_alloc(r->count * sizeof(*t->classes));
        uint32_t at = 0;
        for (uint32_t top = 0; top < INDEX_SIZE; top++) {
                while (at < r->count && r->starts[at] < (address_number)top << (32 - INDEX_BITS))
                        at++;
                t->index[top] = at;
        }
        for (size_t i = 0; i < r->count; i++) {
                t->starts[i] = (uint32_t)r->starts[i];
                t->classes[i] = (uint16_t)r->values[i];
        }
}

static void table6_make(struct table6 *t, const struct ranges *r)
{
        assert(r->count && !r->starts[0]);
        t->count = (uint32_t)r->count;
        t->starts = memory_alloc(r->count * sizeof(*t->starts));
        t->classes = memory_alloc(r->count * sizeof(*t->classes));
        memcpy(t->starts, r->starts, r->count * sizeof(*t->starts));
        uint32_t at = 0;
        for (uint32_t top = 0; top < INDEX_SIZE; top++) {
                bool end = top == INDEX_SIZE - 1;
                while (at < r->count && (end || r->starts[at] < (address_number)top << (128 - INDEX_BITS)))
                        at++;
                t->index[top] = at;
        }
        for (size_t i = 0; i < r->count; i++)
                t->classes[i] = (uint16_t)r->values[i];
}

struct locator *locator_build(const struct geo *geo, const struct prefix *networks, size_t network_count,
                              locator_classify *classify, void *context, char *error, size_t error_size)
{
        struct builder b = {
                .geo = geo, .layers = (geo ? geo_file_count(geo) : 0) + 1, .classify = classify, .context = context};
        struct ranges v4[LAYERS_MAX], v6[LAYERS_MAX], out4 = RANGES_INIT(32), out6 = RANGES_INIT(128);
        struct locator *l = NULL;
        size_t made = 0;
        bool good = true;

        assert(b.layers <= LAYERS_MAX);
        for (; made < b.layers && good; made++) {
                v4[made] = RANGES_INIT(32);
                v6[made] = RANGES_INIT(128);
                if (made == b.layers - 1) {
                        ranges_of_networks(&v4[made], networks, network_count);
                        ranges_of_networks(&v6[made], networks, network_count);
                        continue;
                }
                struct filling filling = {&v4[made], &v6[made]};
                good = mmdb_walk(geo, made, add_network, &filling, error, error_size);
                ranges_finish(&v4[made]);
                ranges_finish(&v6[made]);
        }
        if (good) {
                combine(&b, v4, &out4);
                combine(&b, v6, &out6);
        }
        if (good && b.too_many) {
                snprintf(error, error_size, "the region rules tell more than %u classes of clients apart",
                         LOCATOR_CLASS_MAX + 1);
                good = false;
        }
        if (good) {
                l = memory_alloc(sizeof(*l));
                table4_make(&l->v4, &out4);
                table6_make(&l->v6, &out6);
        }
        while (made--) {
                ranges_free(&v4[made]);
                ranges_free(&v6[made]);
        }
        ranges_free(&out4);
        ranges_free(&out6);
        free(b.known);
        return l;
}

void locator_free(struct locator *l)
{
        if (!l)
                return;
        free(l->v4.starts);
        free(l->v4.classes);
        free(l->v6.starts);
        free(l->v6.classes);
        free(l);
}

struct locator_size locator_size(const struct locator *l)
{
        return (struct locator_size){l->v4.count, l->v6.count,
                                     sizeof(*l) + l->v4.count * (sizeof(uint32_t) + sizeof(uint16_t)) +
                                             l->v6.count * (sizeof(address_number) + sizeof(uint16_t))};
}

/* --- looking up --- */

/* The length of the shortest prefix around x that keeps clear of the addresses before and behind its range: it must
 * tell x from both, so it is one longer than the longer of the two common prefixes. */
static unsigned scope4(const struct table4 *t, uint32_t i, uint32_t x)
{
        unsigned scope = 0;

        if (t->starts[i])
                scope = (unsigned)__builtin_clz((t->starts[i] - 1) ^ x) + 1;
        if (i + 1 < t->count) {
                unsigned right = (unsigned)__builtin_clz(t->starts[i + 1] ^ x) + 1;
                scope = right > scope ? right : scope;
        }
        return scope;
}

static uint32_t find4(const struct table4 *t, uint32_t x, uint8_t *scope)
{
        uint32_t low = t->index[x >> (32 - INDEX_BITS)], count = t->index[(x >> (32 - INDEX_BITS)) + 1] - low;

        /* The last one that begins at or before x: in front of `low`, or among the `count` from there. */
        while (count) {
                uint32_t half = count / 2;
                bool right = t->starts[low + half] <= x;
                low = right ? low + half + 1 : low;
                count = right ? count - half - 1 : half;
        }
        *scope = (uint8_t)scope4(t, low - 1, x);
        return t->classes[low - 1];
}

static unsigned common6(address_number a, address_number b)
{
        address_number d = a ^ b;
        uint64_t high = (uint64_t)(d >> 64), low = (uint64_t)d;

        return high ? (unsigned)__builtin_clzll(high) : 64 + (unsigned)__builtin_clzll(low);
}

static uint32_t find6(const struct table6 *t, address_number x, uint8_t *scope)
{
        unsigned top = (unsigned)(x >> (128 - INDEX_BITS));
        uint32_t low = t->index[top], count = t->index[top + 1] - low;
        unsigned widest = 0;

        while (count) {
                uint32_t half = count / 2;
                bool right = t->starts[low + half] <= x;
                low = right ? low + half + 1 : low;
                count = right ? count - half - 1 : half;
        }
        if (t->starts[low - 1])
                widest = common6(t->starts[low - 1] - 1, x) + 1;
        if (low < t->count) {
                unsigned right = common6(t->starts[low], x) + 1;
                widest = right > widest ? right : widest;
        }
        *scope = (uint8_t)widest;
        return t->classes[low - 1];
}

uint32_t locator_find(const struct locator *l, const struct prefix *client, uint8_t *scope)
{
        const uint8_t *b = client->address.bytes;

        if (client->address.family == ADDRESS_V6) {
                uint64_t high, low;
                memcpy(&high, b, 8);
                memcpy(&low, b + 8, 8);
                return find6(&l->v6, (address_number)__builtin_bswap64(high) << 64 | __builtin_bswap64(low), scope);
        }
        return find4(&l->v4, (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3], scope);
}
