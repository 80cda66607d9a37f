/* Builds a root whole: every name, zone and pool of a model. Any one thread.
 *
 * What holds something is made first: services, apexes, records. Then the names between them that hold nothing (RFC
 * 4592 2.2.2: empty non-terminals exist), and when all are there, what they say of each other. */
#include <assert.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "zones/answers/compose.h"
#include "zones/answers/ordered.h"
#include "zones/answers/snapshot.h"
#include "zones/load/load.h"
#include "zones/clients/classes.h"
#include "zones/dns/name.h"
#include "zones/steering/steering_build.h"

#define SNAPSHOT_MAX ((size_t)8 << 30)

struct builder {
        struct snapshot *snapshot;
        const struct model *model;
        struct blocks kept, scratch; /* scratch: freed when all is built */
        struct names *names;
        const struct node **nodes; /* all of them, also what is occluded; in scratch */
        size_t count, capacity;
        uint32_t *parents; /* of zones, by number: the zone above, or MODEL_NONE */
        bool *above;       /* by number: there are zones below */
        const struct route **routes;
};

/* --- names --- */

static void note_node(struct builder *b, const struct node *n)
{
        if (b->count == b->capacity) {
                size_t capacity = b->capacity ? b->capacity * 2 : 1024;
                const struct node **larger = block_new(&b->scratch, capacity * sizeof(*larger));
                if (b->count)
                        memcpy(larger, b->nodes, b->count * sizeof(*larger));
                b->nodes = larger;
                b->capacity = capacity;
        }
        b->nodes[b->count++] = n;
}

static void add_node(struct builder *b, const struct place *p)
{
        const struct node *n = compose_node(&b->kept, p);

        note_node(b, n);
        if (!p->occluded)
                names_put(b->names, &b->kept, NULL, n);
}

static const struct node *find_node(const struct builder *b, const uint8_t *name)
{
        return names_find(b->names, name, name_length(name));
}

static struct place place_at(const struct builder *b, uint32_t zone, const uint8_t *name)
{
        return (struct place){.model = b->model, .zone = zone, .name = name, .service = MODEL_NONE};
}

/* --- what holds something --- */

static void add_services(struct builder *b)
{
        model_each (service, s, b->model->services, b->model->count[KIND_SERVICES]) {
                struct place p = place_at(b, s->zone, s->wire);
                place_find_records(&p);
                p.service = s->number;
                p.route = b->routes[s->number];
                add_node(b, &p);
        }
}

static void add_apexes(struct builder *b)
{
        model_each (zone, z, b->model->zones, b->model->count[KIND_ZONES]) {
                struct place p = place_at(b, z->number, z->wire);
                if (find_node(b, p.name))
                        continue; /* a service stands there */
                place_find_records(&p);
                add_node(b, &p);
        }
}

static void find_parents(struct builder *b)
{
        uint32_t count = b->model->count[KIND_ZONES];

        b->parents = block_new(&b->scratch, count * sizeof(*b->parents));
        b->above = block_new(&b->scratch, count * sizeof(*b->above));
        model_each (zone, z, b->model->zones, count) {
                uint32_t parent = MODEL_NONE;
                for (const uint8_t *name = z->wire; *name && parent == MODEL_NONE;) {
                        name += 1 + *name;
                        const struct node *up = find_node(b, name);
                        if (up && up->flags & NODE_APEX)
                                parent = up->zone;
                }
                b->parents[z->number] = parent;
                if (parent != MODEL_NONE)
                        b->above[parent] = true;
        }
}

/* Whether a name of the zone lies in a zone of ours below. */
static bool is_occluded(const struct builder *b, uint32_t zone, const uint8_t *name)
{
        if (!b->above[zone])
                return false;
        unsigned labels = name_labels(name), apex = name_labels(b->model->zones[zone]->wire);
        for (; labels > apex; labels--, name += 1 + *name) {
                const struct node *n = find_node(b, name);
                if (n && n->flags & NODE_APEX)
                        return true;
        }
        return false;
}

/* What lies in a zone below is that zone's to answer: glue, and what a delegation occludes; DS of its name is ours. */
static void add_records(struct builder *b, const struct zone *z)
{
        for (uint32_t from = 0, to; from < z->records.count; from = to) {
                struct place p = place_at(b, z->number, z->records.items[z->by_owner[from]].owner);
                for (to = from + 1;
                     to < z->records.count && name_equal(z->records.items[z->by_owner[to]].owner, p.name);)
                        to++;
                p.records = z->by_owner + from;
                p.record_count = to - from;
                p.occluded = is_occluded(b, z->number, p.name);
                const struct node *there = find_node(b, p.name);
                if (p.occluded ? there && there->flags & NODE_APEX && b->parents[there->zone] == z->number
                               : there != NULL)
                        continue; /* with a service, an apex or a zone below (add_child) */
                add_node(b, &p);
        }
}

/* The name of a zone below, as the zone above has it. */
static void add_child(struct builder *b, const struct zone *z)
{
        struct place p = place_at(b, b->parents[z->number], z->wire);

        place_find_records(&p);
        p.occluded = true;
        add_node(b, &p);
}

/* --- what holds nothing, and what names say of each other --- */

/* Makes the names between one that exists and the apex of `zone`. */
static void join_apex(struct builder *b, uint32_t zone, const uint8_t *name)
{
        unsigned apex = name_length(b->model->zones[zone]->wire);

        for (name += 1 + *name; name_length(name) > apex; name += 1 + *name) {
                const struct place p = place_at(b, zone, name);
                if (!find_node(b, name))
                        add_node(b, &p);
        }
}

/* Whether it is there for those who ask: as a name of its zone below the apex, or as the apex of the zone below. */
static bool is_below(const struct builder *b, const struct node *n)
{
        if (!(n->flags & NODE_OCCLUDED))
                return !(n->flags & NODE_APEX);
        const struct node *there = find_node(b, n->name);
        return there && there->flags & NODE_APEX && b->parents[there->zone] == n->zone;
}

static void join_names(struct builder *b)
{
        size_t holding = b->count; /* those that are made here come behind, each with all above it */

        for (size_t i = 0; i < holding; i++)
                if (is_below(b, b->nodes[i]))
                        join_apex(b, b->nodes[i]->zone, b->nodes[i]->name);
        for (size_t i = 0; i < b->count; i++) {
                const uint8_t *name = b->nodes[i]->name;
                if (name[0] == 1 && name[1] == '*' && is_below(b, b->nodes[i]))
                        ((struct node *)(uintptr_t)find_node(b, name + 2))->flags |= NODE_WILDCARD_CHILD;
        }
}

/* --- zones and pools --- */

/* The nodes of each zone in order: `first` is where each zone's begin. */
static const struct node **nodes_by_zone(struct builder *b, size_t *first)
{
        uint32_t zones = b->model->count[KIND_ZONES];
        const struct node **out = block_new(&b->scratch, (b->count + 1) * sizeof(*out));

        for (size_t i = 0; i < b->count; i++)
                first[b->nodes[i]->zone + 1]++;
        for (uint32_t z = 0; z < zones; z++)
                first[z + 1] += first[z];
        for (size_t i = b->count; i-- > 0;)
                out[--first[b->nodes[i]->zone + 1]] = b->nodes[i];
        for (uint32_t z = 0; z < zones; z++) /* each has sunk to where its zone begins */
                first[z] = first[z + 1];
        first[zones] = b->count;
        return out;
}

static void add_zones(struct builder *b)
{
        uint32_t zones = b->model->count[KIND_ZONES];
        size_t *first = block_new(&b->scratch, (zones + 2) * sizeof(*first));
        const struct node **nodes = nodes_by_zone(b, first);

        model_each (zone, zone, b->model->zones, zones) {
                struct zone_data *data = compose_zone(&b->kept, zone);
                const uint32_t z = zone->number;
                for (size_t i = first[z]; i < first[z + 1]; i++) {
                        data->cuts += nodes[i]->flags & NODE_CUT ? 1 : 0;
                        data->dnames += nodes[i]->flags & NODE_DNAME ? 1 : 0;
                }
                data->names = ordered_build(&b->kept, nodes + first[z], first[z + 1] - first[z]);
                pages_put(&b->kept, &b->snapshot->zones, NULL, z, data);
        }
}

static void add_pools(struct builder *b)
{
        model_each (pool, p, b->model->pools, b->model->count[KIND_POOLS])
                pages_put(&b->kept, &b->snapshot->pools, NULL, p->number, compose_pool(&b->kept, p));
}

/* --- the whole --- */

/* Without those between them that hold nothing, which are few. */
static size_t expected_names(const struct model *m)
{
        size_t count = (size_t)m->present[KIND_SERVICES] + m->present[KIND_ZONES];

        model_each (zone, z, m->zones, m->count[KIND_ZONES])
                count += z->owner_count;
        return count;
}

static void add_names(struct builder *b)
{
        b->names = &b->snapshot->names;
        names_init(b->names, &b->kept, expected_names(b->model));
        add_services(b);
        add_apexes(b);
        find_parents(b);
        model_each (zone, z, b->model->zones, b->model->count[KIND_ZONES]) {
                if (b->parents[z->number] != MODEL_NONE)
                        add_child(b, z);
                add_records(b, z);
        }
        join_names(b);
}

/* Apart from its caller, whose setjmp must not find its variables in registers. */
static __attribute__((noinline)) void build(struct snapshot *s, struct arena *scratch)
{
        struct builder b = {.snapshot = s, .model = s->model, .kept.arena = s->base->arena, .scratch.arena = scratch};

        b.routes = block_new(&b.scratch, s->model->count[KIND_SERVICES] * sizeof(*b.routes));
        steering_build(s->steering, b.routes);
        add_names(&b);
        add_zones(&b);
        add_pools(&b);
}

/* false: memory ended. */
static bool build_within(struct snapshot *s)
{
        struct arena *scratch = arena_new(SNAPSHOT_MAX);
        jmp_buf failure;

        if (setjmp(failure)) {
                arena_free(scratch);
                return false;
        }
        arena_on_failure(s->base->arena, &failure);
        arena_on_failure(scratch, &failure);
        build(s, scratch);
        arena_on_failure(s->base->arena, NULL);
        arena_free(scratch);
        return true;
}

static bool no_memory(struct problems *problems)
{
        problems_add(problems, "", 0, "not enough memory for this configuration");
        return false;
}

bool snapshot_begin(struct snapshot *s, const struct endpoint_state *states, struct problems *problems)
{
        jmp_buf failure;

        if (setjmp(failure))
                return no_memory(problems);
        arena_on_failure(s->base->arena, &failure);
        steering_begin(s->steering, states);
        arena_on_failure(s->base->arena, NULL);
        return true;
}

struct snapshot *snapshot_build(struct model *model, const struct geo *geo, const struct snapshot *previous,
                                struct problems *problems)
{
        struct snapshot *s = snapshot_frame(model, geo, previous, problems);

        for (uint32_t i = 0; s && previous && i < model->count[KIND_POOLS]; i++)
                steering_carry(s->steering, previous->steering, i);
        if (!s || snapshot_begin(s, NULL, problems))
                return s;
        snapshot_free(s);
        return NULL;
}

struct snapshot *snapshot_frame(struct model *model, const struct geo *geo, const struct snapshot *previous,
                                struct problems *problems)
{
        struct snapshot *s = memory_alloc(sizeof(*s));

        s->base = memory_alloc(sizeof(*s->base));
        s->base->arena = arena_new(SNAPSHOT_MAX);
        s->model = s->base->model = model;
        s->revision = model->revision;
        s->version = 1;
        s->steering = s->base->steering =
                steering_new(s->base->arena, model, geo, previous ? previous->steering : NULL, problems);
        if (!s->steering) {
                snapshot_free(s);
                return NULL;
        }
        s->locator = steering_locator(s->steering);
        s->classes = classes_number(steering_classes(s->steering));
        if (!build_within(s)) {
                no_memory(problems);
                snapshot_free(s);
                return NULL;
        }
        return s;
}
