/* base/hash.h: 64-bit hashes for tables and client hashing (not for secrets), SipHash-2-4 for cookies,
 * and a string map for control-plane code. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Mixes one 64-bit word well (a bijection). */
static inline uint64_t hash_mix(uint64_t x)
{
        x ^= x >> 32;
        x *= 0xd6e8feb86659fd93u;
        x ^= x >> 32;
        x *= 0xd6e8feb86659fd93u;
        return x ^ x >> 32;
}

uint64_t hash_bytes(const void *, size_t, uint64_t seed);

/* SipHash-2-4 (RFC 9018 uses it for cookies). */
uint64_t hash_sip(const void *, size_t, const uint8_t key[16]);

/* From strings to pointers; keys are copied. One thread at a time. */
struct map;
struct map *map_new(void);
void map_free(struct map *); /* values are the caller's */
void *map_get(const struct map *, const char *key);
void *map_set(struct map *, const char *key, void *value); /* returns the value before, or NULL */
void *map_remove(struct map *, const char *key);
size_t map_count(const struct map *);
/* Walks in no particular order: start with *at = 0; false at the end. Do not change the map while walking. */
int map_next(const struct map *, size_t *at, const char **key, void **value);

#endif
