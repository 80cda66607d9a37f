/* Classes: what the rules can tell apart about a client, and the locator that finds it. */
#include "zones/clients/classes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "zones/clients/distance.h"
#include "base/memory.h"
#include "geo/mmdb.h"

#define BASIS_MAX        (64u << 20) /* bytes of rules that are compared */
#define CLASSIFY_KEY_MAX (64u << 10)

/* One match or network of an override. */
struct condition {
        bool is_network;
        struct match match;
        struct prefix cidr;
};

struct classes {
        uint32_t references, number;
        struct locator *locator;
        struct buffer basis; /* all that the classes depend on, as bytes */
        struct class *list;
        uint32_t count, capacity;
        struct condition *conditions;
        struct map *condition_numbers; /* by text: number + 1 */
        uint32_t condition_count, words;
        uint16_t **nearest;
        uint32_t nearest_count, located;
};

/* While they are built. */
struct classifier {
        struct classes *classes;
        const struct model *model;
        bool by_distance;
        struct prefix *networks; /* the operator's, then those of conditions that are none of the operator's */
        uint32_t *network_regions;
        uint64_t *network_met; /* words each */
        uint32_t network_count;
        struct map *seen;        /* key -> class + 1 */
        struct map *seen_orders; /* key -> order + 1 */
};

/* --- distance --- */

/* How far a region counts for `proximity`, with its bias. */
static double region_distance(const struct region *r, double latitude, double longitude)
{
        double km = great_circle_km(r->latitude, r->longitude, latitude, longitude);
        return r->bias >= 0 ? km * (1 - (double)r->bias / 100) : km / (1 + (double)r->bias / 100);
}

/* --- conditions --- */

static char *condition_text(const struct condition *c, char *out, size_t size)
{
        char prefix[PREFIX_TEXT_MAX];

        if (c->is_network)
                snprintf(out, size, "n%s", prefix_format(&c->cidr, prefix));
        else
                snprintf(out, size, "m%d:%s:%u", (int)c->match.kind, c->match.value, c->match.asn);
        return out;
}

static bool condition_add(struct classes *c, const struct condition *condition)
{
        char text[80];

        if (map_get(c->condition_numbers, condition_text(condition, text, sizeof(text))))
                return true;
        if (c->condition_count == CONDITIONS_MAX)
                return false;
        c->conditions[c->condition_count++] = *condition;
        map_set(c->condition_numbers, text, (void *)(uintptr_t)c->condition_count);
        return true;
}

static bool conditions_of(struct classes *c, const struct service *s)
{
        const struct override *overrides = s->overrides.items;

        for (uint32_t i = 0; i < s->overrides.count; i++) {
                const struct match *matches = overrides[i].match.items;
                const struct prefix *networks = overrides[i].networks.items;
                for (uint32_t j = 0; j < overrides[i].match.count; j++)
                        if (!condition_add(c, &(struct condition){.match = matches[j]}))
                                return false;
                for (uint32_t j = 0; j < overrides[i].networks.count; j++)
                        if (!condition_add(c, &(struct condition){.is_network = true, .cidr = networks[j]}))
                                return false;
        }
        return true;
}

static uint32_t condition_number(const struct classes *c, const struct condition *condition)
{
        char text[80];

        return (uint32_t)(uintptr_t)map_get(c->condition_numbers, condition_text(condition, text, sizeof(text))) - 1;
}

uint32_t classes_condition_count(const struct classes *c)
{
        return c->condition_count;
}

uint32_t override_condition_count(const struct override *o)
{
        return o->match.count + o->networks.count;
}

void classes_conditions(const struct classes *c, const struct override *o, uint32_t *out)
{
        const struct match *matches = o->match.items;
        const struct prefix *networks = o->networks.items;

        for (uint32_t i = 0; i < o->match.count; i++)
                *out++ = condition_number(c, &(struct condition){.match = matches[i]});
        for (uint32_t i = 0; i < o->networks.count; i++)
                *out++ = condition_number(c, &(struct condition){.is_network = true, .cidr = networks[i]});
}

bool classes_override_met(const struct classes *c, const struct class *class, const struct override *o)
{
        uint32_t count = override_condition_count(o), *numbers = memory_alloc((count + 1) * sizeof(*numbers));
        bool met = false;

        classes_conditions(c, o, numbers);
        for (uint32_t i = 0; i < count; i++)
                met |= numbers[i] != MODEL_NONE && class_meets(class, numbers[i]);
        free(numbers);
        return met;
}

bool match_holds(const struct match *m, const struct geo_facts *facts)
{
        switch (m->kind) {
        case MATCH_CONTINENT:
                return !strcmp(m->value, facts->continent);
        case MATCH_COUNTRY:
                return !strcmp(m->value, facts->country);
        case MATCH_SUBDIVISION:
                return !strcmp(m->value, facts->subdivision);
        case MATCH_ASN:
                return facts->asn && m->asn == facts->asn;
        }
        return false;
}

/* The more exact match wins: an AS before a subdivision before a country before a continent; then the first region. */
static uint32_t region_of_facts(const struct model *m, const struct geo_facts *facts)
{
        uint32_t best = m->default_region;
        int best_kind = -1;

        for (uint32_t i = 0; i < m->count[KIND_REGIONS]; i++) {
                const struct match *matches = m->regions[i]->match.items;
                for (uint32_t j = 0; j < m->regions[i]->match.count; j++)
                        if ((int)matches[j].kind > best_kind && match_holds(&matches[j], facts)) {
                                best = i;
                                best_kind = (int)matches[j].kind;
                        }
        }
        return best;
}

struct distance {
        double km;
        uint16_t region;
};

static int compare_distances(const void *a, const void *b)
{
        const struct distance *x = a, *y = b;
        return x->km < y->km ? -1 : x->km > y->km ? 1 : (int)x->region - (int)y->region;
}

static uint32_t order_intern(struct classifier *b, const struct distance *sorted)
{
        struct classes *c = b->classes;
        struct buffer key = BUFFER_INIT(CLASSIFY_KEY_MAX);

        buffer_text(&key, "o");
        for (uint32_t i = 0; i < c->located; i++)
                buffer_printf(&key, "%x,", sorted[i].region);
        uintptr_t number = (uintptr_t)map_get(b->seen_orders, key.data);
        if (!number) {
                number = ++c->nearest_count;
                c->nearest = memory_resize(c->nearest, number * sizeof(*c->nearest));
                c->nearest[number - 1] = memory_alloc((c->located + 1) * sizeof(**c->nearest));
                for (uint32_t i = 0; i < c->located; i++)
                        c->nearest[number - 1][i] = sorted[i].region;
                map_set(b->seen_orders, key.data, (void *)number);
        }
        buffer_free(&key);
        return (uint32_t)number;
}

static uint32_t order_by_distance(struct classifier *b, double latitude, double longitude)
{
        const struct model *m = b->model;
        struct distance *distances = memory_alloc((b->classes->located + 1) * sizeof(*distances));
        uint32_t n = 0;

        for (uint32_t i = 0; i < m->count[KIND_REGIONS]; i++)
                if (m->regions[i]->has_location)
                        distances[n++] =
                                (struct distance){region_distance(m->regions[i], latitude, longitude), (uint16_t)i};
        qsort(distances, n, sizeof(*distances), compare_distances);
        uint32_t order = order_intern(b, distances);
        free(distances);
        return order;
}

static uint32_t nearest_of(struct classifier *b, uint32_t region, bool by_network, const struct geo_facts *facts)
{
        const struct region *r = region == MODEL_NONE ? NULL : b->model->regions[region];

        if (!b->by_distance || !b->classes->located)
                return 0;
        if (!by_network && facts && facts->has_location)
                return order_by_distance(b, facts->latitude, facts->longitude);
        return r && r->has_location ? order_by_distance(b, r->latitude, r->longitude) : 0;
}

static void conditions_met(const struct classifier *b, const struct geo_facts *facts, int network, uint64_t *met)
{
        const struct classes *c = b->classes;

        if (network >= 0)
                memcpy(met, b->network_met + (size_t)network * c->words, c->words * sizeof(*met));
        for (uint32_t i = 0; facts && i < c->condition_count; i++)
                if (!c->conditions[i].is_network && match_holds(&c->conditions[i].match, facts))
                        met[i / 64] |= (uint64_t)1 << i % 64;
}

static uint32_t class_intern(struct classifier *b, const struct class *class)
{
        struct classes *c = b->classes;
        struct buffer key = BUFFER_INIT(CLASSIFY_KEY_MAX);

        buffer_printf(&key, "%x.%x", class->region, class->nearest);
        for (uint32_t i = 0; i < c->words; i++)
                buffer_printf(&key, ".%llx", (unsigned long long)class->met[i]);
        uintptr_t number = (uintptr_t)map_get(b->seen, key.data);
        if (!number) {
                if (c->count == c->capacity) {
                        c->capacity = c->capacity ? c->capacity * 2 : 16;
                        c->list = memory_resize(c->list, c->capacity * sizeof(*c->list));
                }
                uint64_t *met = memory_alloc((c->words + 1) * sizeof(*met));
                memcpy(met, class->met, c->words * sizeof(*met));
                c->list[c->count] = (struct class){class->region, class->nearest, met};
                number = ++c->count;
                map_set(b->seen, key.data, (void *)number);
        }
        buffer_free(&key);
        return (uint32_t)(number - 1);
}

static uint32_t classify(void *context, const struct geo_facts *facts, int network)
{
        struct classifier *b = context;
        uint64_t met[CONDITIONS_MAX / 64] = {0};
        struct class class = {.region = MODEL_NONE, .met = met};

        if (network >= 0)
                class.region = b->network_regions[network];
        bool by_network = class.region != MODEL_NONE;
        if (!by_network)
                class.region = facts ? region_of_facts(b->model, facts) : b->model->default_region;
        class.nearest = nearest_of(b, class.region, by_network, facts);
        conditions_met(b, facts, network, met);
        return class_intern(b, &class);
}

/* --- networks: the operator's and those of conditions, each with all that holds inside it --- */

static bool prefix_within(const struct prefix *inner, const struct prefix *outer)
{
        return inner->length >= outer->length && prefix_contains(outer, &inner->address);
}

static uint32_t network_region(const struct model *m, const struct prefix *cidr)
{
        const struct network *best = NULL;

        for (uint32_t i = 0; i < m->count[KIND_NETWORKS]; i++) {
                const struct network *n = m->networks[i];
                if (prefix_within(cidr, &n->cidr) && (!best || n->cidr.length > best->cidr.length))
                        best = n;
        }
        return best ? best->region : MODEL_NONE;
}

static void network_conditions(struct classifier *b, uint32_t index)
{
        const struct classes *c = b->classes;

        for (uint32_t i = 0; i < c->condition_count; i++)
                if (c->conditions[i].is_network && prefix_within(&b->networks[index], &c->conditions[i].cidr))
                        b->network_met[(size_t)index * c->words + i / 64] |= (uint64_t)1 << i % 64;
}

static bool is_operator_network(const struct model *m, const struct prefix *cidr)
{
        for (uint32_t i = 0; i < m->count[KIND_NETWORKS]; i++)
                if (prefix_equal(&m->networks[i]->cidr, cidr))
                        return true;
        return false;
}

static void networks_collect(struct classifier *b)
{
        const struct model *m = b->model;
        const struct classes *c = b->classes;
        size_t most = (size_t)m->count[KIND_NETWORKS] + c->condition_count;

        b->networks = memory_alloc((most + 1) * sizeof(*b->networks));
        b->network_regions = memory_alloc((most + 1) * sizeof(*b->network_regions));
        b->network_met = memory_alloc((most * c->words + 1) * sizeof(*b->network_met));
        for (uint32_t i = 0; i < m->count[KIND_NETWORKS]; i++) {
                b->network_regions[b->network_count] = m->networks[i]->region;
                b->networks[b->network_count++] = m->networks[i]->cidr;
        }
        for (uint32_t i = 0; i < c->condition_count; i++) {
                if (!c->conditions[i].is_network || is_operator_network(m, &c->conditions[i].cidr))
                        continue;
                b->network_regions[b->network_count] = network_region(m, &c->conditions[i].cidr);
                b->networks[b->network_count++] = c->conditions[i].cidr;
        }
        for (uint32_t i = 0; i < b->network_count; i++)
                network_conditions(b, i);
}

/* --- what they depend on --- */

static void basis_regions(struct buffer *out, const struct model *m)
{
        for (uint32_t i = 0; i < m->count[KIND_REGIONS]; i++) {
                const struct region *r = m->regions[i];
                const struct match *matches = r->match.items;
                buffer_printf(out, "region %s %d %.9g %.9g %d", r->name, r->has_location, r->latitude, r->longitude,
                              (int)r->bias);
                for (uint32_t j = 0; j < r->match.count; j++)
                        buffer_printf(out, " %d:%s:%u", (int)matches[j].kind, matches[j].value, matches[j].asn);
                buffer_text(out, "\n");
        }
        buffer_printf(out, "default %u\n", m->default_region);
}

static void basis_make(struct buffer *out, const struct model *m, const struct classes *c, bool by_distance,
                       const struct geo *geo)
{
        struct geo_file file;
        char text[80];

        basis_regions(out, m);
        for (uint32_t i = 0; i < m->count[KIND_NETWORKS]; i++)
                buffer_printf(out, "%s %u\n", prefix_format(&m->networks[i]->cidr, text), m->networks[i]->region);
        for (uint32_t i = 0; i < c->condition_count; i++)
                buffer_printf(out, "%s\n", condition_text(&c->conditions[i], text, sizeof(text)));
        buffer_printf(out, "distance %d geo %p\n", by_distance, (const void *)geo);
        for (size_t i = 0; geo && geo_file(geo, i, &file); i++)
                buffer_printf(out, "%s %s %llu\n", file.path, file.type, (unsigned long long)file.build_epoch);
}

/* --- building --- */

static bool collect(struct classes *c, const struct model *m, bool *by_distance, struct problems *problems)
{
        *by_distance = false;
        model_each (service, s, m->services, m->count[KIND_SERVICES]) {
                *by_distance |= s->steering == STEERING_PROXIMITY;
                if (!conditions_of(c, s)) {
                        problems_add(problems, "services", 0,
                                     "expected at most %d distinct conditions in all overrides", CONDITIONS_MAX);
                        return false;
                }
        }
        c->words = (c->condition_count + 63) / 64;
        for (uint32_t i = 0; i < m->count[KIND_REGIONS]; i++)
                c->located += m->regions[i]->has_location;
        return true;
}

static bool locate(struct classes *c, const struct model *m, bool by_distance, const struct geo *geo,
                   struct problems *problems)
{
        struct classifier b = {.classes = c, .model = m, .by_distance = by_distance};
        char error[512] = "";

        b.seen = map_new();
        b.seen_orders = map_new();
        networks_collect(&b);
        classify(&b, NULL, -1); /* class 0: clients nobody covers */
        c->locator = locator_build(geo, b.networks, b.network_count, classify, &b, error, sizeof(error));
        if (!c->locator)
                problems_add(problems, "regions", 0, "%s", error);
        map_free(b.seen);
        map_free(b.seen_orders);
        free(b.networks);
        free(b.network_regions);
        free(b.network_met);
        return c->locator;
}

struct classes *classes_build(const struct model *m, const struct geo *geo, struct classes *previous,
                              struct problems *problems)
{
        static uint32_t built; /* atomic */
        struct classes *c = memory_alloc(sizeof(*c));
        bool by_distance;

        c->number = __atomic_add_fetch(&built, 1, __ATOMIC_RELAXED);
        c->references = 1;
        c->basis = BUFFER_INIT(BASIS_MAX);
        c->conditions = memory_alloc(CONDITIONS_MAX * sizeof(*c->conditions));
        c->condition_numbers = map_new();
        if (!collect(c, m, &by_distance, problems)) {
                classes_unref(c);
                return NULL;
        }
        basis_make(&c->basis, m, c, by_distance, geo);
        if (previous && !c->basis.overflow && previous->basis.length == c->basis.length &&
            !memcmp(previous->basis.data, c->basis.data, c->basis.length)) {
                classes_unref(c);
                __atomic_add_fetch(&previous->references, 1, __ATOMIC_RELAXED);
                return previous;
        }
        if (!locate(c, m, by_distance, geo, problems)) {
                classes_unref(c);
                return NULL;
        }
        return c;
}

void classes_unref(struct classes *c)
{
        if (!c || __atomic_sub_fetch(&c->references, 1, __ATOMIC_ACQ_REL))
                return;
        locator_free(c->locator);
        for (uint32_t i = 0; i < c->count; i++)
                free((void *)c->list[i].met);
        for (uint32_t i = 0; i < c->nearest_count; i++)
                free(c->nearest[i]);
        map_free(c->condition_numbers);
        buffer_free(&c->basis);
        free(c->conditions);
        free(c->nearest);
        free(c->list);
        free(c);
}

struct locator *classes_locator(const struct classes *c)
{
        return c->locator;
}

uint32_t classes_number(const struct classes *c)
{
        return c->number;
}

uint32_t classes_count(const struct classes *c)
{
        return c->count;
}

const struct class *classes_get(const struct classes *c, uint32_t index)
{
        return &c->list[index];
}

uint32_t classes_nearest_count(const struct classes *c)
{
        return c->nearest_count;
}

const uint16_t *classes_nearest(const struct classes *c, uint32_t nearest, uint32_t *count)
{
        *count = c->located;
        return c->nearest[nearest - 1];
}
