#include "tests/unit/same_steering.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "zones/steering/steering_tables.h"

#define CLIENT_KINDS 16

static char told[300];

static const char *tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

static const char *tell(const char *format, ...)
{
        va_list args;

        va_start(args, format);
        vsnprintf(told, sizeof(told), format, args);
        va_end(args);
        return told;
}

static bool same_double(double a, double b)
{
        return !memcmp(&a, &b, sizeof(a));
}

static bool same_picker(const struct picker *a, const struct picker *b)
{
        if (!a || !b)
                return a == b;
        if (picker_mode(a) != picker_mode(b) || picker_count(a) != picker_count(b))
                return false;
        for (uint32_t i = 0; i < picker_count(a); i++) {
                const struct target *x = picker_target(a, i), *y = picker_target(b, i);
                if (x->endpoint != y->endpoint || !target_equal(x, y) || strcmp(target_name(x), target_name(y)) != 0 ||
                    !same_double(picker_share(a, i), picker_share(b, i)))
                        return false;
        }
        return true;
}

static const char *pool_difference(const struct steering *s, const struct steering *t, uint32_t pool)
{
        const struct pool_live *a = pool < s->pool_count ? s->pools[pool] : NULL;
        const struct pool_live *b = pool < t->pool_count ? t->pools[pool] : NULL;

        if (!a || !b)
                return a == b ? NULL : tell("pool %u is in one of them", pool);
        for (enum family f = 0; f < FAMILY_COUNT; f++)
                if (a->reach[f].has != b->reach[f].has ||
                    (a->reach[f].has && !same_picker(pool_face(a)->pickers[f], pool_face(b)->pickers[f])))
                        return tell("pool %u (%s) picks in another way, family %d", pool, a->pool->name, (int)f);
        if (!pool_face(a)->nested != !pool_face(b)->nested)
                return tell("pool %u (%s) leads to a service in one of them", pool, a->pool->name);
        if (strcmp(targets_region(pool_face(a)->targets), targets_region(pool_face(b)->targets)) != 0)
                return tell("pool %u (%s) is in another region", pool, a->pool->name);
        return NULL;
}

static bool same_choice(const struct choice *a, const struct choice *b)
{
        if (a->kind != b->kind || a->why != b->why || a->count != b->count)
                return false;
        if (a->kind == CHOICE_POOL && a->pool->number != b->pool->number)
                return false;
        if (a->kind == CHOICE_PICKER && !same_picker(a->picker, b->picker))
                return false;
        for (uint32_t i = 0; i < a->count; i++)
                if (choice_pools(a)[i]->number != choice_pools(b)[i]->number ||
                    !same_double(choice_shares(a)[i], choice_shares(b)[i]))
                        return false;
        return true;
}

/* Clients of all kinds: networks are told apart by the second byte. */
static struct client client_of(const struct steering *t, unsigned kind)
{
        struct client client = {.prefix = {{ADDRESS_V4, {10, (uint8_t)kind, 1, 1}}, 32}};

        client_locate(steering_locator(t), &client);
        return client;
}

static const char *service_difference(const struct steering *s, const struct steering *t, uint32_t service)
{
        const struct route *r = service < s->service_count ? s->route_of_service[service] : NULL;
        const struct route *o = service < t->service_count ? t->route_of_service[service] : NULL;

        if (!r || !o)
                return r == o ? NULL : tell("service %u is served in one of them", service);
        const struct route_face *a = route_face(r), *b = route_face(o);
        if (a->scoped != b->scoped)
                return tell("service %u depends on the client in one of them", service);
        for (enum family f = 0; f < FAMILY_COUNT; f++) {
                if (!a->choices[f] != !b->choices[f])
                        return tell("service %u has family %d in one of them", service, (int)f);
                for (unsigned kind = 0; a->choices[f] && kind < CLIENT_KINDS; kind++) {
                        struct client x = client_of(s, kind), y = client_of(t, kind);
                        if (x.scope != y.scope || !same_choice(a->choices[f][a->view->slot_of[x.class]],
                                                               b->choices[f][b->view->slot_of[y.class]]))
                                return tell("service %u (%s), family %d, client 10.%u.1.1", service,
                                            s->model->services[service]->name, (int)f, kind);
                }
        }
        return NULL;
}

const char *steering_difference(const struct steering *s, const struct steering *t)
{
        const char *difference = NULL;

        if (classes_count(s->classes) != classes_count(t->classes))
                return tell("%u and %u classes", classes_count(s->classes), classes_count(t->classes));
        for (uint32_t p = 0; !difference && (p < s->pool_count || p < t->pool_count); p++)
                difference = pool_difference(s, t, p);
        for (uint32_t i = 0; !difference && (i < s->service_count || i < t->service_count); i++)
                difference = service_difference(s, t, i);
        return difference;
}
