#include "admin/traffic/clients.h"

#include <stdlib.h>
#include <string.h>
#include "base/memory.h"

#define SLOTS_FIRST (1u << 10)
#define SLOTS_MOST  (1u << 20) /* 28 MiB; three quarters of them are used at most */

void clients_init(struct clients *c, uint32_t second)
{
        *c = (struct clients){.slots = memory_alloc(SLOTS_FIRST * sizeof(*c->slots)),
                              .mask = SLOTS_FIRST - 1,
                              .quarter = second / QUARTER_S,
                              .began = second,
                              .samples = memory_alloc(SAMPLES_MOST * sizeof(*c->samples))};
        random_seed_system(&c->random);
}

void clients_end(struct clients *c)
{
        free(c->slots);
        free(c->samples);
}

struct crowd *clients_next(const struct clients *c, const struct crowd *one)
{
        for (uint32_t at = one ? (uint32_t)(one - c->slots) + 1 : 0; at <= c->mask; at++)
                if (c->slots[at].used)
                        return &c->slots[at];
        return NULL;
}

uint64_t crowd_answers(const struct crowd *one)
{
        uint64_t answers = 0;

        for (unsigned q = 0; q < QUARTERS; q++)
                answers += one->answers[q];
        return answers;
}

/* --- crowds --- */

static struct crowd *place(const struct clients *c, uint64_t hash, uint32_t service, uint16_t class, uint8_t asked)
{
        for (uint32_t at = (uint32_t)hash & c->mask;; at = (at + 1) & c->mask) {
                struct crowd *slot = &c->slots[at];
                if (!slot->used || (slot->service == service && slot->class == class && slot->asked == asked))
                        return slot;
        }
}

const struct crowd *clients_find(const struct clients *c, uint32_t service, uint16_t class, uint8_t asked)
{
        const struct crowd *one = place(c, crowd_hash(service, class, asked), service, class, asked);

        return one->used ? one : NULL;
}

/* Those that have asked at all, but for services that are gone, in a table of that many slots. */
static void spread(struct clients *c, uint32_t slots, client_stays *stays, void *context)
{
        struct clients before = *c;

        c->slots = memory_alloc(slots * sizeof(*c->slots));
        c->mask = slots - 1;
        c->count = 0;
        for (struct crowd *one = clients_next(&before, NULL); one; one = clients_next(&before, one)) {
                if (!crowd_answers(one) || (stays && !stays(context, one->service)))
                        continue;
                *place(c, crowd_hash(one->service, one->class, one->asked), one->service, one->class, one->asked) =
                        *one;
                c->count++;
        }
        free(before.slots);
}

void clients_count(struct clients *c, uint64_t hash, uint32_t service, uint16_t class, uint8_t asked, uint32_t answers)
{
        struct crowd *one = place(c, hash, service, class, asked);

        if (!one->used) {
                if (c->count >= (c->mask + 1) / 4 * 3 && c->mask + 1 < SLOTS_MOST) {
                        spread(c, 2 * (c->mask + 1), NULL, NULL);
                        one = place(c, hash, service, class, asked);
                }
                if (c->count >= (c->mask + 1) / 4 * 3) {
                        c->left_out[c->quarter % QUARTERS] += answers;
                        return;
                }
                *one = (struct crowd){.service = service, .class = class, .asked = asked, .used = true};
                c->count++;
        }
        one->answers[c->quarter % QUARTERS] += answers;
}

/* --- samples --- */

/* Half of them go: those that would not be here at the next level. */
static void samples_thin(struct clients *c)
{
        uint32_t kept = 0;

        c->level++;
        for (uint32_t i = 0; i < c->sample_count; i++) {
                struct sample *s = &c->samples[i];
                if (s->drawn < c->level)
                        continue;
                if (s->level < c->level)
                        s->level = (uint8_t)c->level;
                c->samples[kept++] = *s;
        }
        c->sample_count = kept;
}

void clients_sample(struct clients *c, const struct tapped_client *from)
{
        uint64_t chance = random_next(&c->random) | (uint64_t)1 << SAMPLE_LEVELS;
        struct sample s = {.client = from->client,
                           .asked = from->asked,
                           .level = from->level,
                           .service = from->service,
                           .quarter = c->quarter,
                           .drawn = (uint8_t)(from->level + (unsigned)__builtin_ctzll(chance))};

        while (c->sample_count == SAMPLES_MOST && c->level < SAMPLE_LEVELS - 1)
                samples_thin(c);
        if (s.drawn < c->level || c->sample_count == SAMPLES_MOST)
                return;
        if (s.level < c->level)
                s.level = (uint8_t)c->level;
        c->samples[c->sample_count++] = s;
}

static void samples_leave(struct clients *c, client_stays *stays, void *context)
{
        uint32_t kept = 0;

        for (uint32_t i = 0; i < c->sample_count; i++)
                if (c->samples[i].quarter + QUARTERS > c->quarter && (!stays || stays(context, c->samples[i].service)))
                        c->samples[kept++] = c->samples[i];
        c->sample_count = kept;
        /* Fewer ask now than did: more of them are wanted again. */
        if (c->level && kept < SAMPLES_MOST / 4)
                c->level--;
}

/* --- time --- */

double clients_seconds(const struct clients *c, uint32_t second)
{
        uint32_t first = c->quarter < QUARTERS ? 0 : (c->quarter - QUARTERS + 1) * QUARTER_S;

        first = first > c->began ? first : c->began;
        return second > first ? second - first : 1;
}

void clients_turn(struct clients *c, uint32_t second)
{
        uint32_t quarter = second / QUARTER_S;

        if (quarter <= c->quarter)
                return;
        for (uint32_t q = c->quarter + 1; q <= quarter && q <= c->quarter + QUARTERS; q++) {
                c->left_out[q % QUARTERS] = 0;
                for (struct crowd *one = clients_next(c, NULL); one; one = clients_next(c, one))
                        one->answers[q % QUARTERS] = 0;
        }
        c->quarter = quarter;
        spread(c, c->mask + 1, NULL, NULL);
        samples_leave(c, NULL, NULL);
}

void clients_leave(struct clients *c, client_stays *stays, void *context)
{
        spread(c, c->mask + 1, stays, context);
        samples_leave(c, stays, context);
}
