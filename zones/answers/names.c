#include "zones/answers/names.h"

#include <assert.h>
#include <string.h>

#define HASH_ROOT  0x9e3779b97f4a7c15u
#define SHARDS_MIN 64u
#define SHARDS_MAX (1u << 16) /* a hash's low 16 bits say which */
#define TAG_SHIFT  48
#define POINTER    (((uint64_t)1 << TAG_SHIFT) - 1)

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

static uint64_t name_hash(const uint8_t *name)
{
        uint8_t offsets[NAME_LABELS_MAX + 1];
        uint64_t hashes[NAME_LABELS_MAX + 1];

        hash_suffixes(name, offsets, hashes);
        return hashes[0];
}

static inline const struct node *slot_node(uint64_t slot)
{
        return (const struct node *)(uintptr_t)(slot & POINTER);
}

/* Where the search for a hash begins. */
static inline uint32_t shard_start(const struct shard *s, uint64_t hash)
{
        return (uint32_t)((uint64_t)(uint32_t)(hash >> 16) * s->capacity >> 32);
}

static inline uint32_t shard_next(const struct shard *s, uint32_t i)
{
        return i + 1 == s->capacity ? 0 : i + 1;
}

/* The slot of a name, or the free one where it belongs. */
static inline uint32_t shard_slot(const struct shard *s, uint64_t hash, const uint8_t *name, unsigned length)
{
        uint32_t i = shard_start(s, hash);

        for (; s->slots[i]; i = shard_next(s, i)) {
                if (s->slots[i] >> TAG_SHIFT != hash >> TAG_SHIFT)
                        continue;
                const struct node *n = slot_node(s->slots[i]);
                if (n->name_length == length && !memcmp(n->name, name, length))
                        break;
        }
        return i;
}

static inline const struct node *find(const struct names *t, uint64_t hash, const uint8_t *name, unsigned length)
{
        const struct shard *s = &t->shards[hash & t->mask];

        return slot_node(s->slots[shard_slot(s, hash, name, length)]);
}

const struct node *names_find(const struct names *t, const uint8_t *name, unsigned length)
{
        return find(t, name_hash(name), name, length);
}

/* --- looking up --- */

static const struct node *find_wildcard(const struct names *t, const struct node *closest, uint64_t closest_hash)
{
        uint8_t name[NAME_WIRE_MAX + 2] = "\001*";

        memcpy(name + 2, closest->name, closest->name_length);
        return find(t, label_hash(closest_hash, name), name, 2u + closest->name_length);
}

/* The delegation and the DNAME above a name whose closest encloser is its suffix `from`: all between that and the apex
 * exist. */
static __attribute__((noinline)) void look_above(const struct names *t, const uint8_t *name, unsigned length,
                                                 const uint8_t *offsets, const uint64_t *hashes, unsigned labels,
                                                 unsigned from, struct lookup *out)
{
        for (unsigned i = labels - out->zone->labels + 1; i-- > from;) {
                const struct node *n =
                        i == from ? out->closest : find(t, hashes[i], name + offsets[i], length - offsets[i]);
                if (!n) /* never: empty non-terminals exist */
                        return;
                if (!out->cut && n->flags & NODE_CUT)
                        out->cut = n;
                if (i && n->flags & NODE_DNAME)
                        out->dname = n;
        }
}

void names_lookup(const struct names *t, const struct pages *zones, const uint8_t *name, unsigned length,
                  struct lookup *out)
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
        i--;
        out->zone = pages_get(zones, n->zone);
        out->closest = n;
        if (!i)
                out->exact = n;
        else if (n->flags & NODE_WILDCARD_CHILD)
                out->wildcard = find_wildcard(t, n, hashes[i]);
        if (out->zone->cuts + out->zone->dnames)
                look_above(t, name, length, offsets, hashes, labels, i, out);
}

/* --- changing --- */

static uint64_t nothing[1]; /* the slots of an empty shard */

/* Room in a shard: between two and three slots a name, when it is made. */
static uint32_t shard_room(uint32_t count)
{
        return count * 5 / 2 + 2;
}

void names_init(struct names *t, struct blocks *blocks, size_t expected)
{
        uint32_t shards = SHARDS_MIN;

        while (shards < SHARDS_MAX && (size_t)shards * shards < expected)
                shards *= 2;
        *t = (struct names){.mask = shards - 1, .apart = !blocks->arena};
        t->shards = block_new(blocks, shards * sizeof(*t->shards));
        for (uint32_t i = 0; i < shards; i++) {
                struct shard *s = &t->shards[i];
                *s = (struct shard){.slots = nothing, .capacity = 1};
                if (expected) {
                        s->capacity = shard_room((uint32_t)(expected / shards));
                        s->slots = block_new(blocks, s->capacity * sizeof(*s->slots));
                        s->apart = !blocks->arena;
                }
        }
}

static void shard_set(struct shard *s, uint32_t at, uint64_t hash, const struct node *n)
{
        s->slots[at] = (hash & ~POINTER) | (uint64_t)(uintptr_t)n;
}

/* One that is not in it. */
static void shard_add(struct shard *s, const struct node *n)
{
        uint64_t hash = name_hash(n->name);
        uint32_t at = shard_start(s, hash);

        while (s->slots[at])
                at = shard_next(s, at);
        shard_set(s, at, hash, n);
}

/* Other slots for a shard, `capacity` of them, with what is in it. */
static void shard_move(struct shard *s, struct blocks *blocks, uint32_t capacity)
{
        struct shard old = *s;

        s->slots = block_new(blocks, capacity * sizeof(*s->slots));
        s->capacity = capacity;
        s->apart = !blocks->arena;
        if (capacity == old.capacity)
                memcpy(s->slots, old.slots, capacity * sizeof(*s->slots));
        for (uint32_t i = 0; capacity != old.capacity && i < old.capacity; i++)
                if (old.slots[i])
                        shard_add(s, slot_node(old.slots[i]));
        if (old.apart)
                block_replaced(blocks, old.slots);
}

/* The shard of a hash, to be written to: with slots of its own, and room for `more`. */
static struct shard *shard_take(struct names *t, struct blocks *blocks, const struct names *before, uint64_t hash,
                                unsigned more)
{
        size_t which = hash & t->mask;

        if (before && t->shards == before->shards) {
                size_t size = (t->mask + (size_t)1) * sizeof(*t->shards);
                t->shards = block_new(blocks, size);
                memcpy(t->shards, before->shards, size);
                t->apart = !blocks->arena;
                if (before->apart)
                        block_replaced(blocks, before->shards);
        }
        struct shard *s = &t->shards[which];
        bool shared = before && s->slots == before->shards[which].slots;
        uint32_t count = s->count + more;
        if (count * 2 >= s->capacity) /* it doubles in a table that is being filled */
                shard_move(s, blocks, shard_room(before ? count + count / 4 : count * 2));
        else if (before && count * 8 < s->capacity && s->capacity > 64)
                shard_move(s, blocks, shard_room(count * 2));
        else if (shared)
                shard_move(s, blocks, s->capacity);
        return s;
}

void names_put(struct names *t, struct blocks *blocks, const struct names *before, const struct node *n)
{
        uint64_t hash = name_hash(n->name);
        struct shard *s = &t->shards[hash & t->mask];
        const uint64_t *slots = s->slots;
        uint32_t at = shard_slot(s, hash, n->name, n->name_length);
        bool is_new = !slots[at];

        assert(!((uint64_t)(uintptr_t)n >> TAG_SHIFT)); /* what user space has, unless it asks for more */
        s = shard_take(t, blocks, before, hash, is_new);
        if (s->slots != slots)
                at = shard_slot(s, hash, n->name, n->name_length);
        shard_set(s, at, hash, n);
        s->count = (s->count + is_new) & 0x7fffffff;
        t->count += is_new;
}

void names_remove(struct names *t, struct blocks *blocks, const struct names *before, const uint8_t *name)
{
        uint64_t hash = name_hash(name);
        struct shard *s = shard_take(t, blocks, before, hash, 0);
        uint32_t hole = shard_slot(s, hash, name, name_length(name));

        assert(s->slots[hole]);
        s->slots[hole] = 0;
        s->count = (s->count - 1u) & 0x7fffffff;
        t->count--;
        /* What stands behind may have been driven there: it moves up to where a search for it passes. */
        for (uint32_t i = shard_next(s, hole); s->slots[i]; i = shard_next(s, i)) {
                uint32_t start = shard_start(s, name_hash(slot_node(s->slots[i])->name));
                bool passes = hole <= i ? start <= hole || start > i : start <= hole && start > i;
                if (!passes)
                        continue;
                s->slots[hole] = s->slots[i];
                s->slots[i] = 0;
                hole = i;
        }
}
