#include "base/hash.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"

static uint64_t load64(const uint8_t *p)
{
        uint64_t v;
        memcpy(&v, p, 8);
        return v;
}

/* Folds a 128-bit product: every bit of both factors reaches the result. */
static uint64_t fold(uint64_t a, uint64_t b)
{
        unsigned __int128 product = (unsigned __int128)a * b;
        return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t hash_bytes(const void *data, size_t size, uint64_t seed)
{
        const uint8_t *p = data;
        uint64_t h = seed ^ 0x9e3779b97f4a7c15u ^ size * 0xd6e8feb86659fd93u;
        uint64_t tail[2] = {0, 0};

        for (; size >= 16; size -= 16, p += 16)
                /* What was hashed before stays, also where the product is 0. */
                h = fold(load64(p) ^ 0xa0761d6478bd642fu, load64(p + 8) ^ h) ^ (h << 29 | h >> 35);
        memcpy(tail, p, size);
        h = fold(tail[0] ^ 0xe7037ed1a0b428dbu, tail[1] ^ h ^ 0x8ebc6af09c88c6e3u);
        return hash_mix(h);
}

static void sip_round(uint64_t v[4])
{
#define ROTATE(x, k) ((x) << (k) | (x) >> (64 - (k)))
        v[0] += v[1];
        v[1] = ROTATE(v[1], 13) ^ v[0];
        v[0] = ROTATE(v[0], 32);
        v[2] += v[3];
        v[3] = ROTATE(v[3], 16) ^ v[2];
        v[0] += v[3];
        v[3] = ROTATE(v[3], 21) ^ v[0];
        v[2] += v[1];
        v[1] = ROTATE(v[1], 17) ^ v[2];
        v[2] = ROTATE(v[2], 32);
#undef ROTATE
}

static uint64_t load64_little(const uint8_t *p, size_t n)
{
        uint64_t v = 0;
        for (size_t i = 0; i < n; i++)
                v |= (uint64_t)p[i] << (8 * i);
        return v;
}

uint64_t hash_sip(const void *data, size_t size, const uint8_t key[16])
{
        const uint8_t *p = data;
        uint64_t k0 = load64_little(key, 8), k1 = load64_little(key + 8, 8), last = (uint64_t)size << 56;
        uint64_t v[4] = {k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du, k0 ^ 0x6c7967656e657261u,
                         k1 ^ 0x7465646279746573u};

        for (; size >= 8; size -= 8, p += 8) {
                uint64_t m = load64_little(p, 8);
                v[3] ^= m;
                sip_round(v);
                sip_round(v);
                v[0] ^= m;
        }
        last |= load64_little(p, size);
        v[3] ^= last;
        sip_round(v);
        sip_round(v);
        v[0] ^= last;
        v[2] ^= 0xff;
        for (int i = 0; i < 4; i++)
                sip_round(v);
        return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* --- the map: open addressing with linear probing; removal shifts what follows back --- */

struct slot {
        char *key; /* NULL: free */
        uint64_t hash;
        void *value;
};

struct map {
        struct slot *slots;
        size_t count, capacity; /* a power of two */
};

struct map *map_new(void)
{
        struct map *m = memory_alloc(sizeof(*m));
        m->capacity = 16;
        m->slots = memory_alloc(m->capacity * sizeof(*m->slots));
        return m;
}

void map_free(struct map *m)
{
        if (!m)
                return;
        for (size_t i = 0; i < m->capacity; i++)
                free(m->slots[i].key);
        free(m->slots);
        free(m);
}

static struct slot *slot_find(const struct map *m, const char *key, uint64_t hash)
{
        size_t i = hash & (m->capacity - 1);
        while (m->slots[i].key && (m->slots[i].hash != hash || strcmp(m->slots[i].key, key)))
                i = (i + 1) & (m->capacity - 1);
        return &m->slots[i];
}

static uint64_t key_hash(const char *key)
{
        return hash_bytes(key, strlen(key), 0);
}

void *map_get(const struct map *m, const char *key)
{
        return slot_find(m, key, key_hash(key))->value;
}

static void map_grow(struct map *m)
{
        struct slot *old = m->slots;
        size_t old_capacity = m->capacity;

        m->capacity *= 2;
        m->slots = memory_alloc(m->capacity * sizeof(*m->slots));
        for (size_t i = 0; i < old_capacity; i++)
                if (old[i].key)
                        *slot_find(m, old[i].key, old[i].hash) = old[i];
        free(old);
}

void *map_set(struct map *m, const char *key, void *value)
{
        uint64_t hash = key_hash(key);
        struct slot *slot = slot_find(m, key, hash);
        void *before = slot->value;

        if (!slot->key) {
                if ((m->count + 1) * 4 > m->capacity * 3) {
                        map_grow(m);
                        slot = slot_find(m, key, hash);
                }
                slot->key = memory_strdup(key);
                slot->hash = hash;
                m->count++;
        }
        slot->value = value;
        return before;
}

void *map_remove(struct map *m, const char *key)
{
        struct slot *slot = slot_find(m, key, key_hash(key));
        if (!slot->key)
                return NULL;
        void *value = slot->value;
        free(slot->key);
        *slot = (struct slot){0};
        m->count--;
        size_t hole = (size_t)(slot - m->slots), mask = m->capacity - 1;
        for (size_t i = (hole + 1) & mask; m->slots[i].key; i = (i + 1) & mask) {
                size_t home = m->slots[i].hash & mask;
                bool stays = hole <= i ? home > hole && home <= i : home > hole || home <= i;
                if (stays)
                        continue;
                m->slots[hole] = m->slots[i];
                m->slots[i] = (struct slot){0};
                hole = i;
        }
        return value;
}

size_t map_count(const struct map *m)
{
        return m->count;
}

int map_next(const struct map *m, size_t *at, const char **key, void **value)
{
        for (; *at < m->capacity; (*at)++)
                if (m->slots[*at].key) {
                        *key = m->slots[*at].key;
                        *value = m->slots[*at].value;
                        (*at)++;
                        return 1;
                }
        return 0;
}
