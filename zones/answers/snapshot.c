#include "zones/answers/snapshot.h"

#include <assert.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "zones/load/load.h"
#include "zones/dns/name.h"
#include "zones/dns/numbers.h"
#include "zones/answers/names.h"
#include "zones/answers/render.h"
#include "zones/steering/steering_build.h"

#define SNAPSHOT_MAX ((size_t)8 << 30)

static struct snapshot *current;

/* What snapshot_build carries along. */
struct builder {
        struct snapshot *snapshot;
        struct names *names;
        const struct model *model;
        struct zone_data **zones; /* by zone number */
        const struct route **routes;
};

/* --- names --- */

/* The node of a name of a zone, and all between it and the apex (RFC 4592 2.2.2: empty non-terminals exist). */
static struct node *add_name(struct builder *b, const uint8_t *name, const uint8_t *apex)
{
        struct arena *a = b->snapshot->arena;
        struct node *n = names_add(b->names, a, name, name_length(name));
        unsigned labels = name_labels(apex);

        for (const uint8_t *child = name; name_labels(child) > labels;) {
                const uint8_t *up = child + 1 + *child;
                struct node *parent = names_add(b->names, a, up, name_length(up));
                if (child[0] == 1 && child[1] == '*')
                        parent->flags |= NODE_WILDCARD_CHILD;
                child = up;
        }
        return n;
}

/* The most names that there can be: every label of every owner below its apex. */
static size_t count_names(const struct model *m)
{
        size_t count = 1;

        model_each (zone, z, m->zones, m->count[KIND_ZONES]) {
                const struct record *records = z->records.items;
                count += 1 + name_labels(z->wire);
                for (uint32_t r = 0; r < z->records.count; r++)
                        count += 1 + name_labels(records[r].owner) - name_labels(z->wire);
        }
        model_each (service, s, m->services, m->count[KIND_SERVICES])
                count += 1 + name_labels(s->wire) - name_labels(m->zones[s->zone]->wire);
        return count;
}

/* --- RRsets --- */

static struct rrset *add_rrset(struct builder *b, struct node *n)
{
        /* Few types stand at one name: growing one by one is cheap and wastes nothing. */
        struct rrset *sets = ARENA_ARRAY(b->snapshot->arena, struct rrset, n->rrset_count + 1u);

        if (n->rrset_count)
                memcpy(sets, n->rrsets, n->rrset_count * sizeof(*sets));
        n->rrsets = sets;
        return &sets[n->rrset_count++];
}

static int compare_rrsets(const void *a, const void *b)
{
        return (int)((const struct rrset *)a)->type - (int)((const struct rrset *)b)->type;
}

static unsigned put32(uint8_t *out, uint32_t v)
{
        const uint8_t bytes[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
        memcpy(out, bytes, 4);
        return 4;
}

static void add_soa(struct builder *b, struct node *apex, const struct zone *z, struct zone_data *data)
{
        uint8_t rdata[2 + 2 * NAME_WIRE_MAX + 20];
        const uint8_t *one = rdata;
        unsigned n = 2, length = name_length(z->soa.mname_wire);
        uint32_t negative = (uint32_t)(z->soa.minimum < z->ttl ? z->soa.minimum : z->ttl);

        memcpy(rdata + n, z->soa.mname_wire, length);
        n += length;
        length = name_length(z->soa.rname_wire);
        memcpy(rdata + n, z->soa.rname_wire, length);
        n += length;
        data->serial = z->serial;
        const uint32_t numbers[5] = {data->serial, (uint32_t)z->soa.refresh, (uint32_t)z->soa.retry,
                                     (uint32_t)z->soa.expire, (uint32_t)z->soa.minimum};
        for (int i = 0; i < 5; i++)
                n += put32(rdata + n, numbers[i]);
        rdata[0] = (uint8_t)((n - 2) >> 8);
        rdata[1] = (uint8_t)(n - 2);
        render_rrset(b->snapshot->arena, add_rrset(b, apex), TYPE_SOA, (uint32_t)z->ttl, &one, 1, z->wire);
        struct rr *rr = ARENA_NEW(b->snapshot->arena, struct rr);
        *rr = render_rr(b->snapshot->arena, TYPE_SOA, negative, rdata + 2, n - 2, z->wire);
        data->soa_negative = rr;
}

static void add_ns(struct builder *b, struct node *apex, const struct zone *z)
{
        const uint8_t **rdata = memory_alloc((z->ns.count + 1) * sizeof(*rdata));

        for (uint32_t i = 0; i < z->ns.count; i++) {
                unsigned length = name_length(z->ns_wire[i]);
                uint8_t *one = arena_bytes(b->snapshot->arena, 2 + length);
                one[0] = 0;
                one[1] = (uint8_t)length;
                memcpy(one + 2, z->ns_wire[i], length);
                rdata[i] = one;
        }
        render_rrset(b->snapshot->arena, add_rrset(b, apex), TYPE_NS, (uint32_t)z->ttl, rdata, z->ns.count, z->wire);
        free(rdata);
}

/* --- zones --- */

static void add_apex(struct builder *b, const struct zone *z)
{
        struct zone_data *data = ARENA_NEW(b->snapshot->arena, struct zone_data);
        struct node *apex = names_add(b->names, b->snapshot->arena, z->wire, name_length(z->wire));

        apex->flags |= NODE_APEX;
        apex->zone = data;
        data->apex = apex;
        add_soa(b, apex, z, data);
        add_ns(b, apex, z);
        b->zones[z->number] = data;
}

/* The topmost zone of ours below `z` that the name lies in; NULL: none. */
static struct zone_data *child_above(const struct builder *b, const uint8_t *name, const struct zone_data *z)
{
        struct zone_data *child = NULL;

        for (unsigned labels = name_labels(name); labels > z->apex->labels; labels--, name += 1 + *name) {
                const struct node *n = names_find(b->names, name, name_length(name));
                if (n && n->flags & NODE_APEX)
                        child = (struct zone_data *)n->zone;
        }
        return child;
}

static void add_record(struct builder *b, const struct zone *z, struct zone_data *data, const struct record *r)
{
        struct zone_data *child = child_above(b, r->owner, data);

        if (child) {
                /* What lies in a zone below is that zone's to answer: glue, and what a delegation occludes. But DS of
                 * its name is ours. */
                if (r->type == TYPE_DS && name_equal(r->owner, child->apex->name)) {
                        struct rrset *ds = ARENA_NEW(b->snapshot->arena, struct rrset);
                        render_rrset(b->snapshot->arena, ds, r->type, (uint32_t)r->ttl, r->rdata, r->data.count,
                                     z->wire);
                        child->parent_ds = ds;
                }
                return;
        }
        struct node *n = add_name(b, r->owner, z->wire);
        render_rrset(b->snapshot->arena, add_rrset(b, n), r->type, (uint32_t)r->ttl, r->rdata, r->data.count, z->wire);
        if (r->type == TYPE_NS && !(n->flags & NODE_APEX))
                n->flags |= NODE_CUT;
        if (r->type == TYPE_DNAME)
                n->flags |= NODE_DNAME;
}

static void add_services(struct builder *b)
{
        model_each (service, s, b->model->services, b->model->count[KIND_SERVICES]) {
                struct node *n = add_name(b, s->wire, b->model->zones[s->zone]->wire);
                n->route = b->routes[s->number];
                n->route_ttl = (uint32_t)s->ttl;
                n->service = s->number;
                if (service_flattens(b->model, s))
                        n->flags |= NODE_FLATTEN;
        }
}

/* The bindings of a list; the names of all services are there. */
static struct bindings make_bindings(struct builder *b, const struct service *s, const struct binding_list *from)
{
        struct node_binding *list = ARENA_ARRAY(b->snapshot->arena, struct node_binding, from->count);
        const struct binding *records = from->items;

        for (uint32_t i = 0; i < from->count; i++) {
                list[i] = (struct node_binding){.record = &records[i], .ttl = (uint32_t)s->ttl};
                if (records[i].steered == MODEL_NONE)
                        continue;
                const struct service *target = b->model->services[records[i].steered];
                const struct node *n = names_find(b->names, target->wire, name_length(target->wire));
                assert(n);
                list[i].target = n->route ? n : NULL;
                if (target->ttl < s->ttl)
                        list[i].ttl = (uint32_t)target->ttl;
        }
        return (struct bindings){.count = (uint16_t)from->count, .list = list};
}

static void add_bindings(struct builder *b)
{
        model_each (service, s, b->model->services, b->model->count[KIND_SERVICES]) {
                struct node *n;
                if (!b->routes[s->number] || (!s->svcb.count && !s->https.count))
                        continue;
                struct node_bindings *made = ARENA_NEW(b->snapshot->arena, struct node_bindings);
                made->svcb = make_bindings(b, s, &s->svcb);
                made->https = make_bindings(b, s, &s->https);
                n = names_find(b->names, s->wire, name_length(s->wire));
                assert(n); /* add_services made it */
                n->bindings = made;
        }
}

/* What each node says of those below it: zone, delegation, DNAME. A parent comes before its children here because it
 * has fewer labels; nodes are visited by their number of labels. */
static void inherit(struct builder *b, struct node *n)
{
        const struct node *up = NULL;

        if (n->rrset_count > 1)
                qsort((void *)n->rrsets, n->rrset_count, sizeof(*n->rrsets), compare_rrsets);
        for (const uint8_t *name = n->name; *name && !up;) {
                name += 1 + *name;
                up = names_find(b->names, name, name_length(name));
        }
        if (n->flags & NODE_APEX) {
                struct zone_data *data = (struct zone_data *)n->zone;
                data->soa = node_rrset(n, TYPE_SOA);
                data->parent = up ? up->zone : NULL;
                return;
        }
        assert(up && up->zone); /* add_name made all names up to the apex */
        n->zone = up->zone;
        n->dname = up->flags & NODE_DNAME ? up : up->dname;
        n->cut = up->cut ? up->cut : n->flags & NODE_CUT ? n : NULL;
}

static void inherit_all(struct builder *b)
{
        size_t count = names_count(b->names), done = 0;

        for (unsigned labels = 0; done < count; labels++) {
                assert(labels <= NAME_LABELS_MAX); /* every name has its turn */
                for (size_t i = 0; i < count; i++)
                        if (names_at(b->names, i)->labels == labels) {
                                inherit(b, names_at(b->names, i));
                                done++;
                        }
        }
}

/* The names between a zone and the one above it, when that is ours: they exist there (RFC 8020). */
static void join_parent(struct builder *b, const struct zone *z)
{
        for (const uint8_t *name = z->wire; *name;) {
                name += 1 + *name;
                const struct node *up = names_find(b->names, name, name_length(name));
                if (up && up->flags & NODE_APEX) {
                        add_name(b, z->wire, up->name);
                        return;
                }
        }
}

static void add_zones(struct builder *b)
{
        const struct model *m = b->model;

        b->zones = ARENA_ARRAY(b->snapshot->arena, struct zone_data *, m->count[KIND_ZONES]);
        model_each (zone, z, m->zones, m->count[KIND_ZONES])
                add_apex(b, z);
        model_each (zone, z, m->zones, m->count[KIND_ZONES])
                join_parent(b, z);
        model_each (zone, z, m->zones, m->count[KIND_ZONES])
                for (uint32_t r = 0; r < z->records.count; r++)
                        add_record(b, z, b->zones[z->number], &z->records.items[r]);
}

/* --- the whole --- */

/* Apart from its caller, whose setjmp must not find its variables in registers. */
__attribute__((noinline)) static void build(struct snapshot *s, const struct snapshot *previous)
{
        struct builder b = {.snapshot = s, .model = s->model};

        b.routes = ARENA_ARRAY(s->arena, const struct route *, s->model->count[KIND_SERVICES]);
        b.names = names_new(s->arena, count_names(s->model));
        s->names = b.names;
        steering_build(s->steering, previous ? previous->steering : NULL, b.routes);
        add_zones(&b);
        add_services(&b);
        add_bindings(&b);
        inherit_all(&b);
        s->node_count = names_count(b.names);
}

struct snapshot *snapshot_build(struct model *model, const struct geo *geo, const struct snapshot *previous,
                                struct problems *problems)
{
        struct snapshot *s = memory_alloc(sizeof(*s));
        jmp_buf failure;

        s->arena = arena_new(SNAPSHOT_MAX);
        s->model = model;
        s->revision = model->revision;
        s->steering = steering_new(s->arena, model, geo, previous ? previous->steering : NULL, problems);
        if (!s->steering) {
                snapshot_free(s);
                return NULL;
        }
        s->locator = steering_locator(s->steering);
        if (setjmp(failure)) {
                problems_add(problems, "", 0, "not enough memory for this configuration");
                snapshot_free(s);
                return NULL;
        }
        arena_on_failure(s->arena, &failure);
        build(s, previous);
        arena_on_failure(s->arena, NULL);
        return s;
}

void snapshot_free(struct snapshot *s)
{
        if (!s)
                return;
        steering_free(s->steering);
        model_free((struct model *)s->model);
        arena_free(s->arena);
        free(s);
}

static void release(void *s)
{
        snapshot_free(s);
        memory_trim();
}

void snapshot_publish(struct snapshot *s)
{
        struct snapshot *old = current;

        rcu_put(current, s);
        if (old)
                rcu_retire(old, release);
}

struct snapshot *snapshot_current(void)
{
        return rcu_get(current);
}

void snapshot_lookup(const struct snapshot *s, const uint8_t *name, unsigned length, struct lookup *out)
{
        names_lookup(s->names, name, length, out);
}
