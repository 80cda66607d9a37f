#include "zones/answers/snapshot.h"

#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "zones/answers/ordered.h"
#include "zones/answers/render.h"
#include "zones/load/load.h"
#include "zones/dns/wire.h"
#include "zones/steering/steering_build.h"

static struct snapshot *current;

/* --- life --- */

static void base_free(struct snapshot_base *b)
{
        blocks_drop(&b->live);
        steering_free(b->steering);
        model_free(b->model);
        arena_free(b->arena);
        free(b);
}

void snapshot_free(struct snapshot *s)
{
        if (!s)
                return;
        base_free(s->base);
        free(s);
}

static void release(void *s)
{
        snapshot_free(s);
        memory_trim();
}

void snapshot_discard(struct snapshot *s)
{
        if (s)
                rcu_retire(s, release);
}

struct snapshot *snapshot_swap(struct snapshot *s)
{
        struct snapshot *old = current;

        rcu_put(current, s);
        return old;
}

void snapshot_publish(struct snapshot *s)
{
        if (s && current)
                s->version = current->version + 1;
        struct snapshot *old = snapshot_swap(s);
        if (old)
                rcu_retire(old, release);
}

struct snapshot *snapshot_current(void)
{
        return rcu_get(current);
}

/* --- looking up --- */

void snapshot_lookup(const struct snapshot *s, const uint8_t *name, unsigned length, struct lookup *out)
{
        names_lookup(&s->names, &s->zones, name, length, out);
}

const struct node *snapshot_target(const struct snapshot *s, const struct node *n, const struct node_binding *b)
{
        uint8_t name[NAME_WIRE_MAX];

        if (!b->hints)
                return NULL;
        if (b->target_length > 1) {
                memcpy(name, b->rdata + 2, b->target_length);
                name_lower(name);
                n = names_find(&s->names, name, b->target_length);
        }
        return n && n->flags & NODE_SERVICE ? n : NULL;
}

const struct zone_data *snapshot_parent(const struct snapshot *s, const struct zone_data *zone, const struct rrset **ds)
{
        const struct node *up = NULL, *at;

        *ds = NULL;
        for (const uint8_t *name = zone->name; *name && !up;) {
                name += 1 + *name;
                up = names_find(&s->names, name, name_length(name));
        }
        if (!up)
                return NULL;
        const struct zone_data *parent = pages_get(&s->zones, up->zone);
        at = ordered_find(parent->names, zone->name);
        *ds = at ? node_rrset(at, TYPE_DS) : NULL;
        return parent;
}

/* --- transfers --- */

struct transfer {
        const struct snapshot *snapshot;
        const struct zone_data *zone;
        transfer_visit *visit;
        void *context;
        uint8_t rdata[UINT16_MAX];
};

/* What the first of its pools holds that holds anything. A host name does not stand at the apex. */
static void transfer_service(struct transfer *t, const struct node *n, const struct node_service *s)
{
        const struct pool_contents *c = NULL;

        for (uint32_t i = 0; i < s->pool_count && !c; i++) {
                c = pages_get(&t->snapshot->pools, s->pools[i]);
                if (c && wire_get16(c->records) == TYPE_CNAME && n->flags & NODE_APEX)
                        c = NULL;
        }
        const uint8_t *at = c ? c->records : NULL;
        for (unsigned i = 0; c && i < c->count; i++) {
                unsigned length = wire_get16(at + 2);
                t->visit(t->context, n->name, (uint16_t)wire_get16(at), s->ttl, at + 4, length);
                at += 4 + length;
        }
}

static void transfer_node(void *context, const struct node *n)
{
        struct transfer *t = context;
        const struct rrset *sets = node_rrsets(n);

        for (unsigned i = 0; i < n->rrset_count; i++)
                for (unsigned r = 0; r < sets[i].count; r++) {
                        unsigned length = render_whole(&sets[i].rrs[r], t->zone, t->rdata);
                        t->visit(t->context, n->name, sets[i].type, sets[i].ttl, t->rdata, length);
                }
        if (node_service(n))
                transfer_service(t, n, node_service(n));
}

void snapshot_transfer(const struct snapshot *s, const struct zone_data *zone, transfer_visit *visit, void *context)
{
        struct transfer t;

        t.snapshot = s;
        t.zone = zone;
        t.visit = visit;
        t.context = context;
        ordered_each(zone->names, transfer_node, &t);
}
