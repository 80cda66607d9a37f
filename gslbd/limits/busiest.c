#include "gslbd/limits/busiest.h"

#include <stdlib.h>
#include <string.h>
#include "base/memory.h"

#define ROWS 512
#define WAYS 2

/* All that readers see is atomic: released by the writer and acquired by them, so that no value is seen before the
 * sequence that stands for it (H. Boehm, "Can seqlocks get along with programming language memory models?", 2012). */
struct slot {
        uint32_t sequence; /* odd: being written */
        uint32_t weight;
        uint64_t bits;
        uint32_t length_family; /* 0: nobody's */
        uint32_t window;        /* that the counts are of */
        uint32_t asked, asked_before, limited, limited_before;
};

struct busiest {
        struct slot slots[ROWS][WAYS];
};

#define READ(of)      __atomic_load_n(&(of), __ATOMIC_ACQUIRE)
#define WRITE(of, to) __atomic_store_n(&(of), (to), __ATOMIC_RELEASE)

struct busiest *busiest_new(void)
{
        return memory_alloc(sizeof(struct busiest));
}

void busiest_free(struct busiest *b)
{
        free(b);
}

static inline void begin_write(struct slot *s)
{
        WRITE(s->sequence, s->sequence + 1);
}

static inline void end_write(struct slot *s)
{
        WRITE(s->sequence, s->sequence + 1);
}

/* Counts begin anew with a window; those of the window before stay for a look. */
static void turn(struct slot *s, uint32_t window)
{
        bool next = window == s->window + 1;

        WRITE(s->asked_before, next ? s->asked : 0);
        WRITE(s->limited_before, next ? s->limited : 0);
        WRITE(s->asked, 0);
        WRITE(s->limited, 0);
        WRITE(s->window, window);
        s->weight /= 2;
}

static void take_over(struct slot *s, const struct client_prefix *p, uint32_t length_family, uint32_t window)
{
        WRITE(s->bits, p->bits);
        WRITE(s->length_family, length_family);
        WRITE(s->asked, 0);
        WRITE(s->limited, 0);
        turn(s, window);
        WRITE(s->asked_before, 0);
        WRITE(s->limited_before, 0);
        s->weight = 0;
}

static inline uint32_t length_family_of(const struct client_prefix *p)
{
        return (uint32_t)p->length << 8 | p->family;
}

static inline struct slot *slot_of(struct busiest *b, const struct client_prefix *p, uint64_t hash)
{
        struct slot *row = b->slots[hash % ROWS];
        uint32_t length_family = length_family_of(p);

        for (unsigned i = 0; i < WAYS; i++)
                if (row[i].bits == p->bits && row[i].length_family == length_family)
                        return &row[i];
        return NULL;
}

/* Counts what stands for that many queries. */
static void count(struct busiest *b, const struct client_prefix *p, uint64_t hash, uint32_t second, uint32_t asked,
                  uint32_t limited)
{
        struct slot *s = slot_of(b, p, hash), *row = b->slots[hash % ROWS];
        uint32_t window = second / BUSIEST_WINDOW_S;

        if (!s) {
                s = row[0].weight <= row[1].weight ? &row[0] : &row[1];
                if (s->weight) {
                        s->weight--;
                        return;
                }
                begin_write(s);
                take_over(s, p, length_family_of(p), window);
        } else {
                begin_write(s);
                if (s->window != window)
                        turn(s, window);
        }
        WRITE(s->asked, s->asked + asked);
        WRITE(s->limited, s->limited + limited);
        end_write(s);
        s->weight += s->weight < UINT32_MAX;
}

void busiest_asked(struct busiest *b, const struct client_prefix *p, uint64_t hash, uint32_t second)
{
        count(b, p, hash, second, BUSIEST_SAMPLE, 0);
}

void busiest_limited(struct busiest *b, const struct client_prefix *p, uint64_t hash, uint32_t second)
{
        count(b, p, hash, second, 0, 1);
}

/* --- reading --- */

/* A copy that nobody wrote into meanwhile; false: there is nothing to tell of the slot now. */
static bool read_slot(const struct slot *s, uint32_t window, struct busy *out)
{
        uint32_t before, length_family, of, asked[2], limited[2];

        for (int tries = 0; tries < 1000; tries++) {
                before = READ(s->sequence);
                out->prefix.bits = READ(s->bits);
                length_family = READ(s->length_family);
                of = READ(s->window);
                asked[0] = READ(s->asked);
                asked[1] = READ(s->asked_before);
                limited[0] = READ(s->limited);
                limited[1] = READ(s->limited_before);
                if (before % 2 || READ(s->sequence) != before)
                        continue;
                bool now = of == window;
                out->prefix.family = (uint8_t)length_family;
                out->prefix.length = (uint8_t)(length_family >> 8);
                out->asked = asked[0] + (now ? asked[1] : 0);
                out->limited = limited[0] + (now ? limited[1] : 0);
                return length_family && out->asked + out->limited && (now || of + 1 == window);
        }
        return false;
}

static int by_prefix(const void *x, const void *y)
{
        const struct busy *a = x, *b = y;

        if (a->prefix.family != b->prefix.family)
                return a->prefix.family < b->prefix.family ? -1 : 1;
        if (a->prefix.bits != b->prefix.bits)
                return a->prefix.bits < b->prefix.bits ? -1 : 1;
        return (a->prefix.length > b->prefix.length) - (a->prefix.length < b->prefix.length);
}

static int by_weight(const void *x, const void *y)
{
        const struct busy *a = x, *b = y;

        if (a->limited != b->limited)
                return a->limited > b->limited ? -1 : 1;
        if (a->asked != b->asked)
                return a->asked > b->asked ? -1 : 1;
        return by_prefix(x, y);
}

size_t busiest_list(struct busiest *const *tables, size_t count, uint32_t second, struct busy *out, size_t most)
{
        struct busy *all = memory_alloc(count * ROWS * WAYS * sizeof(*all) + 1);
        size_t n = 0, kept = 0;

        for (size_t t = 0; t < count; t++)
                for (size_t i = 0; i < ROWS * WAYS; i++)
                        n += read_slot(&tables[t]->slots[i / WAYS][i % WAYS], second / BUSIEST_WINDOW_S, &all[n]);
        qsort(all, n, sizeof(*all), by_prefix);
        for (size_t i = 0; i < n; i++) {
                if (kept && !by_prefix(&all[kept - 1], &all[i])) {
                        all[kept - 1].asked += all[i].asked;
                        all[kept - 1].limited += all[i].limited;
                } else {
                        all[kept++] = all[i];
                }
        }
        qsort(all, kept, sizeof(*all), by_weight);
        kept = kept < most ? kept : most;
        memcpy(out, all, kept * sizeof(*all));
        free(all);
        return kept;
}
