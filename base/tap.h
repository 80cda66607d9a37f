/* base/tap.h: what was answered, from the threads that answer to the one that counts.
 *
 * Each of the former has a tap of its own: a ring of what services answered, and a smaller one of some of the clients
 * that asked. It writes without a system call, a lock or an allocation; what finds no room is counted and gone. Nothing
 * of an answer is seen by the reader before tap_end, so that an answer that is held back at last is taken back. */
#ifndef BASE_TAP_H
#define BASE_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/address.h"
#include "base/random.h"

#define TAP_ANSWERS 32768u /* a tenth of a second of a busy worker */
#define TAP_CLIENTS 8192u

enum tap_asked { TAP_A, TAP_AAAA, TAP_CNAME, TAP_ASKED_COUNT };

enum tap_outcome {
        TAP_SERVED,   /* what steering wants */
        TAP_STAND_IN, /* what is down or drained, or a fallback: nothing better is there */
        TAP_NOTHING,  /* nothing, for nothing is there that is up */
        TAP_NO_TYPE,  /* nothing: the service has no endpoint of that type */
};

#define TAP_NONE UINT32_MAX

/* One answer of a service. Numbers are those of the model. */
struct tapped {
        uint32_t service, endpoint; /* the first that is answered; TAP_NONE: none, or none of the model */
        uint32_t classes;           /* which table of clients `class` is of: classes_number */
        uint16_t class;
        uint8_t asked, outcome; /* enums above */
};
_Static_assert(sizeof(struct tapped) == 16, "a line of cache holds four");

/* One of 2^level clients. */
struct tapped_client {
        struct prefix client;
        uint8_t asked, level;
        uint32_t service;
};

struct tap {
        /* The answering thread's alone. */
        uint64_t at, end, clients_at, clients_end; /* written up to here; room up to here */
        uint32_t skip;                             /* answers until the next client */
        struct random random;
        uint64_t dropped; /* read by any */
        struct tap *next; /* in the list of all */
        /* Written by it, read by the other. */
        _Alignas(64) uint64_t head, clients_head;
        /* The other way round. */
        _Alignas(64) uint64_t tail, clients_tail;
        uint32_t level;
        struct tapped answers[TAP_ANSWERS];
        struct tapped_client clients[TAP_CLIENTS];
};

/* A tap for the calling thread; it stays until exit. */
struct tap *tap_register(void);
struct tap *tap_first(void); /* the others: `next` */

/* --- the answering thread --- */

/* Finds out what room there is. Before a batch of answers. */
static inline void tap_begin(struct tap *t)
{
        t->end = __atomic_load_n(&t->tail, __ATOMIC_ACQUIRE) + TAP_ANSWERS;
        t->clients_end = __atomic_load_n(&t->clients_tail, __ATOMIC_ACQUIRE) + TAP_CLIENTS;
}

void tap_put_client(struct tap *, const struct tapped *, const struct prefix *client);

static inline void tap_put(struct tap *t, const struct tapped *what, const struct prefix *client)
{
        if (__builtin_expect(t->at == t->end, 0)) {
                __atomic_store_n(&t->dropped, t->dropped + 1, __ATOMIC_RELAXED);
                return;
        }
        t->answers[t->at++ % TAP_ANSWERS] = *what;
        if (__builtin_expect(!t->skip--, 0))
                tap_put_client(t, what, client);
}

/* Where it stands, and back to there: what was put since has not been answered. */
struct tap_mark {
        uint64_t at, clients_at;
};

static inline struct tap_mark tap_mark(const struct tap *t)
{
        return (struct tap_mark){t->at, t->clients_at};
}

static inline void tap_back(struct tap *t, struct tap_mark mark)
{
        t->at = mark.at;
        t->clients_at = mark.clients_at;
}

/* Lets the reader see what was put since tap_begin. */
static inline void tap_end(struct tap *t)
{
        __atomic_store_n(&t->head, t->at, __ATOMIC_RELEASE);
        __atomic_store_n(&t->clients_head, t->clients_at, __ATOMIC_RELEASE);
}

/* --- the reader: one thread at a time --- */

/* Which answers and clients are there and were not taken yet, oldest first: up to the end of the ring, so that there
 * may be more. Returns how many; they are taken with tap_take. */
size_t tap_answers(struct tap *, const struct tapped **);
size_t tap_clients(struct tap *, const struct tapped_client **);
void tap_take_answers(struct tap *, size_t count);
void tap_take_clients(struct tap *, size_t count);
/* One of 2^level clients is wanted from now on. */
void tap_want(struct tap *, uint32_t level);
uint64_t tap_dropped(const struct tap *);

#endif
