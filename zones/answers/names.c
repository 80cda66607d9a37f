#include "zones/answers/names.h"

#include <assert.h>
#include <string.h>

#define HASH_ROOT 0x9e3779b97f4a7c15u
#define PIECE     1024 /* nodes are taken in pieces so that they never move */

struct names {
        uint32_t *slots; /* node number + 1; 0: free */
        uint32_t *tags;  /* high half of the hash: most misses end here */
        size_t mask, count, capacity;
        struct node **pieces;
};

/* A label with its length byte. */
static inline uint64_t label_hash(uint64_t h, const uint8_t *label)
{
        unsigned left = 1u + *label;
        uint64_t word;

        for (; left >= 8; left -= 8, label += 8) {
                memcpy(&word, label, 8);
                h = (h ^ word) * 0xd6e8feb86659fd93u;
                h ^= h >> 32;
        }
        word = 0;
        for (unsigned i = 0; i < left; i++)
                word |= (uint64_t)label[i] << (8 * i);
        h = (h ^ word ^ (uint64_t)left << 60) * 0xd6e8feb86659fd93u;
        return h ^ h >> 29;
}

struct names *names_new(struct arena *a, size_t capacity)
{
        struct names *t = ARENA_NEW(a, struct names);
        size_t size = 16;

        while (size < capacity * 2)
                size *= 2;
        t->mask = size - 1;
        t->capacity = capacity;
        t->slots = ARENA_ARRAY(a, uint32_t, size);
        t->tags = ARENA_ARRAY(a, uint32_t, size);
        t->pieces = ARENA_ARRAY(a, struct node *, capacity / PIECE + 1);
        return t;
}

struct node *names_at(const struct names *t, size_t i)
{
        return &t->pieces[i / PIECE][i % PIECE];
}

size_t names_count(const struct names *t)
{
        return t->count;
}

/* The slot of a name, or the free one where it belongs. */
static inline size_t find_slot(const struct names *t, uint64_t hash, const uint8_t *name, unsigned length)
{
        size_t i = (size_t)hash & t->mask;
        uint32_t tag = (uint32_t)(hash >> 32);

        for (; t->slots[i]; i = (i + 1) & t->mask) {
                if (t->tags[i] != tag)
                        continue;
                const struct node *n = names_at(t, t->slots[i] - 1);
                if (n->name_length == length && !memcmp(n->name, name, length))
                        break;
        }
        return i;
}

static inline struct node *find(const struct names *t, uint64_t hash, const uint8_t *name, unsigned length)
{
        size_t i = find_slot(t, hash, name, length);
        return t->slots[i] ? names_at(t, t->slots[i] - 1) : NULL;
}

/* Where each label begins and the hash of the name from there on; returns the number of labels. */
static inline unsigned hash_suffixes(const uint8_t *name, uint8_t offsets[NAME_LABELS_MAX + 1],
                                     uint64_t hashes[NAME_LABELS_MAX + 1])
{
        unsigned labels = 0, at = 0;

        for (; name[at]; at += 1u + name[at])
                offsets[labels++] = (uint8_t)at;
        offsets[labels] = (uint8_t)at;
        hashes[labels] = HASH_ROOT;
        for (unsigned i = labels; i-- > 0;)
                hashes[i] = label_hash(hashes[i + 1], name + offsets[i]);
        return labels;
}

struct node *names_add(struct names *t, struct arena *a, const uint8_t *name, unsigned length)
{
        uint8_t offsets[NAME_LABELS_MAX + 1];
        uint64_t hashes[NAME_LABELS_MAX + 1];
        unsigned labels = hash_suffixes(name, offsets, hashes);
        size_t i = find_slot(t, hashes[0], name, length);

        if (t->slots[i])
                return names_at(t, t->slots[i] - 1);
        assert(t->count < t->capacity); /* a free slot is left: every search ends */
        if (t->count % PIECE == 0)
                t->pieces[t->count / PIECE] = ARENA_ARRAY(a, struct node, PIECE);
        struct node *n = names_at(t, t->count);
        n->name = memcpy(arena_bytes(a, length), name, length);
        n->name_length = (uint8_t)length;
        n->labels = (uint8_t)labels;
        n->service = MODEL_NONE;
        t->slots[i] = (uint32_t)++t->count;
        t->tags[i] = (uint32_t)(hashes[0] >> 32);
        return n;
}

struct node *names_find(const struct names *t, const uint8_t *name, unsigned length)
{
        uint8_t offsets[NAME_LABELS_MAX + 1];
        uint64_t hashes[NAME_LABELS_MAX + 1];

        hash_suffixes(name, offsets, hashes);
        return find(t, hashes[0], name, length);
}

static const struct node *find_wildcard(const struct names *t, const struct node *closest, uint64_t closest_hash)
{
        uint8_t name[NAME_WIRE_MAX + 2] = "\001*";

        memcpy(name + 2, closest->name, closest->name_length);
        return find(t, label_hash(closest_hash, name), name, 2u + closest->name_length);
}

void names_lookup(const struct names *t, const uint8_t *name, unsigned length, struct lookup *out)
{
        uint8_t offsets[NAME_LABELS_MAX + 1];
        uint64_t hashes[NAME_LABELS_MAX + 1];
        unsigned labels = hash_suffixes(name, offsets, hashes);
        const struct node *n = NULL;
        unsigned i;

        *out = (struct lookup){0};
        for (i = 0; i <= labels && !n; i++)
                n = find(t, hashes[i], name + offsets[i], length - offsets[i]);
        if (!n)
                return;
        out->zone = n->zone;
        out->closest = n;
        out->cut = n->cut;
        if (--i == 0) {
                out->exact = n;
                out->dname = n->dname;
                return;
        }
        out->dname = n->flags & NODE_DNAME ? n : n->dname;
        if (n->flags & NODE_WILDCARD_CHILD)
                out->wildcard = find_wildcard(t, n, hashes[i]);
}
