#include "base/tap.h"

#include <stdlib.h>
#include <string.h>
#include "base/log.h"

static struct tap *taps; /* newest first; only ever grows */

struct tap *tap_register(void)
{
        struct tap *t = aligned_alloc(_Alignof(struct tap), sizeof(*t));

        if (!t) {
                log_error("memory", "out of memory");
                abort();
        }
        memset(t, 0, sizeof(*t));
        random_seed_system(&t->random);
        t->next = __atomic_load_n(&taps, __ATOMIC_RELAXED);
        while (!__atomic_compare_exchange_n(&taps, &t->next, t, 0, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
                ;
        return t;
}

struct tap *tap_first(void)
{
        return __atomic_load_n(&taps, __ATOMIC_ACQUIRE);
}

/* The steps between clients are of any length around 2^level, so that no rhythm of questions hides one from us. */
void tap_put_client(struct tap *t, const struct tapped *what, const struct prefix *client)
{
        uint32_t level = __atomic_load_n(&t->level, __ATOMIC_RELAXED);

        t->skip = level ? random_below(&t->random, (2u << level) - 1) : 0;
        if (t->clients_at == t->clients_end)
                return;
        t->clients[t->clients_at++ % TAP_CLIENTS] = (struct tapped_client){
                .client = *client, .asked = what->asked, .level = (uint8_t)level, .service = what->service};
}

static size_t piece(uint64_t head, uint64_t tail, size_t size)
{
        size_t left = size - tail % size, there = (size_t)(head - tail);

        return there < left ? there : left;
}

size_t tap_answers(struct tap *t, const struct tapped **first)
{
        *first = &t->answers[t->tail % TAP_ANSWERS];
        return piece(__atomic_load_n(&t->head, __ATOMIC_ACQUIRE), t->tail, TAP_ANSWERS);
}

size_t tap_clients(struct tap *t, const struct tapped_client **first)
{
        *first = &t->clients[t->clients_tail % TAP_CLIENTS];
        return piece(__atomic_load_n(&t->clients_head, __ATOMIC_ACQUIRE), t->clients_tail, TAP_CLIENTS);
}

void tap_take_answers(struct tap *t, size_t count)
{
        __atomic_store_n(&t->tail, t->tail + count, __ATOMIC_RELEASE);
}

void tap_take_clients(struct tap *t, size_t count)
{
        __atomic_store_n(&t->clients_tail, t->clients_tail + count, __ATOMIC_RELEASE);
}

void tap_want(struct tap *t, uint32_t level)
{
        __atomic_store_n(&t->level, level, __ATOMIC_RELAXED);
}

uint64_t tap_dropped(const struct tap *t)
{
        return __atomic_load_n(&t->dropped, __ATOMIC_RELAXED);
}
