#include "admin/traffic/crowds.h"

#include <math.h>
#include <stdlib.h>
#include "base/memory.h"

static int compare_number(uint64_t a, uint64_t b)
{
        return a < b ? -1 : a > b;
}

static uint64_t crowd_of(const struct asked_client *c)
{
        return (uint64_t)c->service << 24 | (uint64_t)c->asked << 16 | c->was;
}

/* By service, type, class before, class after. */
static int compare_clients(const void *a, const void *b)
{
        const struct asked_client *x = a, *y = b;
        int order = compare_number(crowd_of(x), crowd_of(y));

        return order ? order : compare_number(x->is, y->is);
}

/* By classes alone. */
static int compare_classes(const void *a, const void *b)
{
        const struct asked_client *x = a, *y = b;

        return compare_number((uint64_t)x->was << 16 | x->is, (uint64_t)y->was << 16 | y->is);
}

static uint16_t class_in(const struct locator *l, const struct prefix *client)
{
        uint8_t scope;

        return (uint16_t)locator_find(l, client, &scope);
}

static void take_clients(struct asked *a, const struct clients *c, const struct locator *was, const struct locator *is)
{
        a->client_count = c->sample_count;
        a->clients = memory_alloc((a->client_count + 1) * sizeof(*a->clients));
        for (size_t i = 0; i < a->client_count; i++) {
                const struct sample *s = &c->samples[i];
                uint16_t before = class_in(was, &s->client);
                a->clients[i] = (struct asked_client){.client = s->client,
                                                      .service = s->service,
                                                      .was = before,
                                                      .is = was == is ? before : class_in(is, &s->client),
                                                      .asked = s->asked,
                                                      .weight = ldexp(1, s->level)};
        }
        qsort(a->clients, a->client_count, sizeof(*a->clients), compare_clients);
}

/* --- crowds --- */

struct making {
        struct asked *asked;
        struct asked_client *by_class; /* the clients in the order of classes; NULL: classes are the same */
        size_t room;
};

static void add_crowd(struct making *m, const struct asked_crowd *one)
{
        struct asked *a = m->asked;

        if (a->count == m->room) {
                m->room = m->room ? 2 * m->room : 1024;
                a->crowds = memory_resize(a->crowds, m->room * sizeof(*a->crowds));
        }
        a->crowds[a->count++] = *one;
}

typedef int compare(const void *, const void *);

/* The first in the list that is not before the key. */
static size_t lower_bound(const struct asked_client *list, size_t count, const struct asked_client *key, compare *order)
{
        size_t first = 0;

        while (count) {
                size_t half = count / 2;
                if (order(&list[first + half], key) < 0) {
                        first += half + 1;
                        count -= half + 1;
                } else {
                        count = half;
                }
        }
        return first;
}

/* A crowd goes as those of list[first..end) do, which stand in the order of where to. */
static void divide(struct making *m, const struct asked_crowd *whole, const struct asked_client *list, size_t first,
                   size_t end, bool own)
{
        double total = 0;

        for (size_t i = first; i < end; i++)
                total += list[i].weight;
        for (size_t i = first, next; i < end; i = next) {
                struct asked_crowd part = *whole;
                double weight = 0;
                for (next = i; next < end && list[next].is == list[i].is; next++)
                        weight += list[next].weight;
                part.is = list[i].is;
                part.answers = whole->answers * weight / total;
                part.first = own ? (uint32_t)i : 0;
                part.count = own ? (uint32_t)(next - i) : 0;
                add_crowd(m, &part);
        }
}

static void place_crowd(struct making *m, const struct crowd *c)
{
        struct asked *a = m->asked;
        struct asked_client key = {.service = c->service, .asked = c->asked, .was = c->class};
        struct asked_crowd whole = {.service = c->service,
                                    .was = c->class,
                                    .is = c->class,
                                    .asked = c->asked,
                                    .answers = (double)crowd_answers(c)};

        if (!whole.answers)
                return;
        size_t first = lower_bound(a->clients, a->client_count, &key, compare_clients), end = first;
        while (end < a->client_count && crowd_of(&a->clients[end]) == crowd_of(&key))
                end++;
        if (!m->by_class) {
                whole.first = (uint32_t)first;
                whole.count = (uint32_t)(end - first);
                add_crowd(m, &whole);
                return;
        }
        if (first < end) {
                divide(m, &whole, a->clients, first, end, true);
                return;
        }
        first = lower_bound(m->by_class, a->client_count, &key, compare_classes);
        for (end = first; end < a->client_count && m->by_class[end].was == c->class;)
                end++;
        if (first < end)
                divide(m, &whole, m->by_class, first, end, false);
        else
                a->left_out += whole.answers;
}

struct asked clients_asked(const struct clients *c, const struct locator *was, const struct locator *is)
{
        struct asked a = {0};
        struct making m = {.asked = &a};

        take_clients(&a, c, was, is);
        if (was != is) {
                m.by_class = memory_alloc((a.client_count + 1) * sizeof(*m.by_class));
                for (size_t i = 0; i < a.client_count; i++)
                        m.by_class[i] = a.clients[i];
                qsort(m.by_class, a.client_count, sizeof(*m.by_class), compare_classes);
        }
        for (unsigned q = 0; q < QUARTERS; q++)
                a.left_out += (double)c->left_out[q];
        for (const struct crowd *one = clients_next(c, NULL); one; one = clients_next(c, one))
                place_crowd(&m, one);
        free(m.by_class);
        return a;
}

void asked_free(struct asked *a)
{
        free(a->crowds);
        free(a->clients);
}

/* --- another table --- */

void clients_move(struct clients *c, const struct locator *was, const struct locator *is)
{
        struct asked a = clients_asked(c, was, is);
        struct clients before = *c, moved;

        clients_init(&moved, c->quarter);
        free(moved.samples);
        moved.samples = c->samples;
        moved.sample_count = c->sample_count;
        moved.level = c->level;
        for (size_t i = 0; i < a.count; i++) {
                const struct asked_crowd *to = &a.crowds[i];
                const struct crowd *from = clients_find(&before, to->service, to->was, to->asked);
                double part = to->answers / (double)crowd_answers(from);
                for (unsigned q = 0; q < QUARTERS; q++) {
                        moved.quarter = q; /* which is counted */
                        clients_count(&moved, crowd_hash(to->service, to->is, to->asked), to->service, to->is,
                                      to->asked, (uint32_t)lround(from->answers[q] * part));
                }
        }
        moved.quarter = c->quarter;
        free(before.slots);
        *c = moved;
        asked_free(&a);
}
