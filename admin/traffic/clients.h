/* admin/traffic/clients.h: who asked in the last hour: how many of each class of clients for each service and type, and
 * some of the clients themselves.
 *
 * By number, in bounded memory. Pure: seconds (of a clock that never goes back) are passed in. The lock is the
 * caller's. */
#ifndef ADMIN_TRAFFIC_CLIENTS_H
#define ADMIN_TRAFFIC_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/random.h"
#include "base/tap.h"

#define QUARTER_S     900
#define QUARTERS      5 /* the hour, and what the newest of them lacks */
#define SAMPLES_MOST  65536u
#define SAMPLE_LEVELS 32u

/* Clients of a class that ask a service for a type. */
struct crowd {
        uint32_t service;
        uint16_t class;
        uint8_t asked; /* enum tap_asked */
        bool used;
        uint32_t answers[QUARTERS]; /* by quarter modulo QUARTERS */
};

/* A client that asked, drawn by chance: it stands for 2^level answers. */
struct sample {
        struct prefix client;
        uint8_t asked, level;
        uint32_t service;
        uint32_t quarter;
        uint8_t drawn; /* it would be here at every level up to this */
};

struct clients {
        struct crowd *slots; /* by hash */
        uint32_t mask, count;
        uint64_t left_out[QUARTERS]; /* answers that found no room */
        uint32_t quarter;            /* the newest */
        uint32_t began;              /* second */
        struct sample *samples;
        uint32_t sample_count, level; /* one of 2^level is taken now */
        struct random random;
};

void clients_init(struct clients *, uint32_t second);
/* Of which they are. */
double clients_seconds(const struct clients *, uint32_t second);
void clients_end(struct clients *);

static inline uint64_t crowd_hash(uint32_t service, uint16_t class, uint8_t asked)
{
        uint64_t x = (uint64_t)service << 20 ^ (uint64_t) class << 2 ^ asked;

        x *= 0xd6e8feb86659fd93u;
        return x ^ x >> 32;
}

static inline void clients_expect(const struct clients *c, uint64_t hash)
{
        __builtin_prefetch(&c->slots[hash & c->mask], 1);
}

void clients_count(struct clients *, uint64_t hash, uint32_t service, uint16_t class, uint8_t asked, uint32_t answers);
void clients_sample(struct clients *, const struct tapped_client *);
/* Time goes on: what is older than an hour is forgotten. */
void clients_turn(struct clients *, uint32_t second);
/* Those of services that are gone. */
typedef bool client_stays(void *context, uint32_t service);
void clients_leave(struct clients *, client_stays *, void *context);

/* NULL: there is none. */
const struct crowd *clients_find(const struct clients *, uint32_t service, uint16_t class, uint8_t asked);
uint64_t crowd_answers(const struct crowd *);
struct crowd *clients_next(const struct clients *, const struct crowd *); /* as flows_next */

#endif
