#include "admin/traffic/crowds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"

/* By classes alone. */
static int compare_classes(const void *a, const void *b)
{
        const struct asked_client *x = a, *y = b;

        return x->was != y->was ? (int)x->was - y->was : (int)x->is - y->is;
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
        qsort(a->clients, a->client_count, sizeof(*a->clients), asked_compare);
}

/* --- crowds --- */

struct making {
        struct asked *asked;
        struct asked_client *by_class; /* the clients in the order of classes; NULL: classes are the same */
        size_t *begins;                /* by class: where it begins among them */
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

/* A crowd goes as those of list[first..end) do, which stand in the order of where to. */
static void divide(struct making *m, const struct asked_crowd *whole, const struct asked_client *list, size_t first,
                   size_t end)
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
                add_crowd(m, &part);
        }
}

/* Those that were of a class, whatever they asked for. */
static void find_class(const struct making *m, uint16_t class, size_t *first, size_t *end)
{
        *first = m->begins[class];
        *end = m->begins[class + 1u];
}

static void place_crowd(struct making *m, const struct crowd *c)
{
        struct asked *a = m->asked;
        struct asked_crowd whole = {.service = c->service,
                                    .was = c->class,
                                    .is = c->class,
                                    .asked = c->asked,
                                    .answers = (double)crowd_answers(c)},
                           beyond = whole;
        size_t first, end;

        if (whole.answers <= 0)
                return;
        if (!m->by_class) {
                add_crowd(m, &whole);
                return;
        }
        whole.is = 0;
        beyond.is = UINT16_MAX;
        asked_clients_of(a, &whole, &first, &end);
        asked_clients_of(a, &beyond, &end, &(size_t){0});
        while (end < a->client_count && a->clients[end].service == c->service && a->clients[end].asked == c->asked &&
               a->clients[end].was == c->class)
                end++;
        if (first < end) {
                divide(m, &whole, a->clients, first, end);
                return;
        }
        find_class(m, c->class, &first, &end);
        if (first < end)
                divide(m, &whole, m->by_class, first, end);
        else
                a->left_out += whole.answers;
}

/* The clients once more, in the order of classes, and where each class begins. */
static void order_by_class(struct making *m)
{
        const struct asked *a = m->asked;
        size_t at = 0;

        m->by_class = memory_alloc((a->client_count + 1) * sizeof(*m->by_class));
        m->begins = memory_alloc((LOCATOR_CLASS_MAX + 2) * sizeof(*m->begins));
        for (size_t i = 0; i < a->client_count; i++)
                m->by_class[i] = a->clients[i];
        qsort(m->by_class, a->client_count, sizeof(*m->by_class), compare_classes);
        for (uint32_t class = 0; class <= LOCATOR_CLASS_MAX + 1; class ++) {
                while (at < a->client_count && m->by_class[at].was < class)
                        at++;
                m->begins[class] = at;
        }
}

struct asked clients_asked(const struct clients *c, const struct locator *was, const struct locator *is)
{
        struct asked a = {0};
        struct making m = {.asked = &a};

        take_clients(&a, c, was, is);
        if (was != is)
                order_by_class(&m);
        for (unsigned q = 0; q < QUARTERS; q++)
                a.left_out += (double)c->left_out[q];
        for (const struct crowd *one = clients_next(c, NULL); one; one = clients_next(c, one))
                place_crowd(&m, one);
        free(m.by_class);
        free(m.begins);
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

        clients_init(&moved, c->began);
        free(moved.samples);
        moved.samples = c->samples;
        moved.sample_count = c->sample_count;
        moved.level = c->level;
        memcpy(moved.left_out, c->left_out, sizeof(moved.left_out));
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
