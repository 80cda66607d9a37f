#include "zones/answers/snapshot_edit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "zones/answers/compose.h"
#include "zones/answers/ordered.h"
#include "zones/dns/name.h"
#include "zones/dns/wire.h"
#include "zones/steering/steering.h"

/* A zone as it becomes. */
struct reworked {
        uint32_t number;
        const struct zone_data *before; /* NULL: there was none */
        const struct ordered *names;
        uint32_t cuts, dnames;
};

struct snapshot_edit {
        const struct snapshot *before;
        struct snapshot *root;
        const struct model *model;
        struct blocks blocks;
        struct reworked *zones;
        size_t zone_count, zone_capacity;
        const uint8_t **names; /* that are to be made anew; they belong to items and nodes that stay as long */
        size_t name_count, name_capacity;
};

/* --- what is to be done --- */

static void list_name(struct snapshot_edit *e, const uint8_t *name)
{
        if (e->name_count == e->name_capacity) {
                e->name_capacity = e->name_capacity ? e->name_capacity * 2 : 16;
                e->names = memory_resize(e->names, e->name_capacity * sizeof(*e->names));
        }
        e->names[e->name_count++] = name;
}

/* The pointer is good until another zone is asked for. */
static struct reworked *rework(struct snapshot_edit *e, uint32_t zone)
{
        for (size_t i = 0; i < e->zone_count; i++)
                if (e->zones[i].number == zone)
                        return &e->zones[i];
        if (e->zone_count == e->zone_capacity) {
                e->zone_capacity = e->zone_capacity ? e->zone_capacity * 2 : 4;
                e->zones = memory_resize(e->zones, e->zone_capacity * sizeof(*e->zones));
        }
        struct reworked *z = &e->zones[e->zone_count++];
        const struct zone_data *before = pages_get(&e->before->zones, zone);
        *z = (struct reworked){.number = zone, .before = before};
        if (before) {
                z->names = before->names;
                z->cuts = before->cuts;
                z->dnames = before->dnames;
        }
        return z;
}

/* NULL: it is no more. */
static const struct zone *zone_after(const struct snapshot_edit *e, uint32_t number)
{
        return number < e->model->count[KIND_ZONES] ? e->model->zones[number] : NULL;
}

/* The zones of the model that a name lies in, the deepest first; returns how many. */
static unsigned zones_above(const struct model *m, const uint8_t *name, uint32_t zones[NAME_LABELS_MAX + 1])
{
        char key[NAME_TEXT_MAX];
        unsigned count = 0;

        for (;; name += 1 + *name) {
                uint32_t zone = model_find(m, KIND_ZONES, name_format(name, key));
                if (zone != MODEL_NONE)
                        zones[count++] = zone;
                if (!*name)
                        return count;
        }
}

/* --- names --- */

static void node_gone(struct snapshot_edit *e, struct reworked *z, const struct node *n)
{
        z->cuts -= n->flags & NODE_CUT ? 1 : 0;
        z->dnames -= n->flags & NODE_DNAME ? 1 : 0;
        if (n->flags & NODE_APART)
                block_replaced(&e->blocks, n);
}

/* Puts a node, or nothing, in the place of `old`, or of nothing. */
static void set_node(struct snapshot_edit *e, struct reworked *z, const struct node *old, const struct node *n)
{
        if (n) {
                z->names = ordered_put(&e->blocks, z->names, n);
                z->cuts += n->flags & NODE_CUT ? 1 : 0;
                z->dnames += n->flags & NODE_DNAME ? 1 : 0;
        } else if (old) {
                z->names = ordered_remove(&e->blocks, z->names, old->name);
        }
        if (old)
                node_gone(e, z, old);
}

static bool has_children(const struct ordered *names, const uint8_t *name)
{
        const struct node *next = ordered_next(names, name);

        return next && name_within(next->name, name);
}

static bool has_wildcard(const struct ordered *names, const uint8_t *name)
{
        uint8_t wildcard[NAME_WIRE_MAX + 2] = "\001*";
        unsigned length = name_length(name);

        memcpy(wildcard + 2, name, length);
        return length + 2 <= NAME_WIRE_MAX && ordered_find(names, wildcard);
}

/* Another name that is not as what is there now wants it: above `name`, which stands below it (`below`) or does not. It
 * is missing, is there without need, or tells of a wildcard. NULL: there is none. */
static const uint8_t *wrong_above(const struct ordered *names, const uint8_t *name, const uint8_t *apex, bool below)
{
        const bool wildcard = name[0] == 1 && name[1] == '*';
        const uint8_t *parent = name + 1 + *name, *at = parent;
        const struct node *up = ordered_find(names, parent);

        if (below && !up)
                return parent;
        if (up && wildcard && !(up->flags & NODE_OCCLUDED) && below != !!(up->flags & NODE_WILDCARD_CHILD))
                return parent;
        for (; !up && name_length(at) > name_length(apex); up = ordered_find(names, at))
                at += 1 + *at;
        return !below && up && !up->rrset_count && !(up->flags & (NODE_APEX | NODE_SERVICE | NODE_OCCLUDED)) ? up->name
                                                                                                             : NULL;
}

/* What one zone has at a name: the deepest that it lies in what is answered, another one what that occludes, and the
 * name of the next zone below (`child`). Returns a name above that has to be made anew too, or NULL. */
static const uint8_t *refresh_in(struct snapshot_edit *e, uint32_t zone, const uint8_t *name, bool deepest, bool child)
{
        struct place p = {.model = e->model, .zone = zone, .name = name, .service = MODEL_NONE, .occluded = !deepest};
        struct reworked *z = rework(e, zone);
        const uint8_t *apex = e->model->zones[zone]->wire;
        const struct node *old = ordered_find(z->names, name), *made = NULL;
        bool wanted = child, at_apex = name_equal(name, apex);
        char key[NAME_TEXT_MAX];

        place_find_records(&p);
        if (deepest) {
                p.service = model_find(e->model, KIND_SERVICES, name_format(name, key));
                p.route = p.service == MODEL_NONE ? NULL : steering_route_of_service(e->root->steering, p.service);
                p.wildcard_child = has_wildcard(z->names, name);
                wanted = p.service != MODEL_NONE || at_apex || has_children(z->names, name);
        }
        if (wanted || p.record_count)
                made = compose_node(&e->blocks, &p);
        set_node(e, z, old, made);
        if (deepest && made)
                names_put(&e->root->names, &e->blocks, &e->before->names, made);
        else if (deepest && names_find(&e->root->names, name, name_length(name)))
                names_remove(&e->root->names, &e->blocks, &e->before->names, name);
        return at_apex ? NULL : wrong_above(z->names, name, apex, made && (deepest || child));
}

/* Makes what all zones have at a name as the model says, and what that changes above it. */
static void refresh(struct snapshot_edit *e, const uint8_t *name)
{
        uint32_t zones[NAME_LABELS_MAX + 1];
        unsigned count = zones_above(e->model, name, zones);
        const uint8_t *above;

        if (!count && names_find(&e->root->names, name, name_length(name)))
                names_remove(&e->root->names, &e->blocks, &e->before->names, name);
        for (unsigned i = 0; i < count; i++) {
                bool child = i && name_equal(name, e->model->zones[zones[i - 1]]->wire);
                if ((above = refresh_in(e, zones[i], name, !i, child)))
                        refresh(e, above);
        }
}

/* --- which names --- */

static bool records_equal(const struct record *a, const struct record *b)
{
        if (a->type != b->type || a->ttl != b->ttl || a->count != b->count)
                return false;
        for (uint32_t i = 0; i < a->count; i++) {
                unsigned length = wire_get16(a->rdata[i]);
                if (length != wire_get16(b->rdata[i]) || memcmp(a->rdata[i] + 2, b->rdata[i] + 2, length))
                        return false;
        }
        return true;
}

/* The owners of a zone's records in the order of by_owner. */
struct owners {
        const struct zone *zone; /* or NULL */
        uint32_t at, end;        /* those of one owner */
};

static const struct record *owners_record(const struct owners *o, uint32_t i)
{
        return &o->zone->records.items[o->zone->by_owner[i]];
}

/* The next owner, or NULL. */
static const uint8_t *owners_next(struct owners *o)
{
        o->at = o->end;
        if (!o->zone || o->at == o->zone->records.count)
                return NULL;
        const uint8_t *owner = owners_record(o, o->at)->owner;
        while (o->end < o->zone->records.count && name_equal(owners_record(o, o->end)->owner, owner))
                o->end++;
        return owner;
}

static bool owners_equal(const struct owners *a, const struct owners *b)
{
        if (a->end - a->at != b->end - b->at)
                return false;
        for (uint32_t i = 0; i < a->end - a->at; i++)
                if (!records_equal(owners_record(a, a->at + i), owners_record(b, b->at + i)))
                        return false;
        return true;
}

/* Owners whose records are not the same in both. */
static void list_records(struct snapshot_edit *e, const struct zone *before, const struct zone *after)
{
        struct owners a = {.zone = before}, b = {.zone = after};
        const uint8_t *was = owners_next(&a), *is = owners_next(&b);

        while (was || is) {
                int order = !was ? 1 : !is ? -1 : zone_owner_order(was, is);
                if (order || !owners_equal(&a, &b))
                        list_name(e, order > 0 ? is : was);
                if (order <= 0)
                        was = owners_next(&a);
                if (order >= 0)
                        is = owners_next(&b);
        }
}

static void list_below(struct snapshot_edit *e, const struct ordered *names, const uint8_t *top)
{
        for (const struct node *n = ordered_next(names, top); n && name_within(n->name, top);
             n = ordered_next(names, n->name))
                list_name(e, n->name);
}

/* A zone that comes or goes moves the names in it from and to the zones above. */
static void list_moved(struct snapshot_edit *e, const struct zone *z)
{
        uint32_t zones[NAME_LABELS_MAX + 1];
        unsigned count = zones_above(e->model, z->wire, zones);

        list_name(e, z->wire);
        for (unsigned i = 0; i < count; i++)
                if (zones[i] != z->number)
                        list_below(e, rework(e, zones[i])->names, z->wire);
        list_below(e, rework(e, z->number)->names, z->wire);
        if (count > 1 || !zone_after(e, z->number))
                return;
        model_each (zone, other, e->model->zones,
                    e->model->count[KIND_ZONES]) /* the names of zones below are in none */
                if (name_within(other->wire, z->wire))
                        list_name(e, other->wire);
}

static void edit_zone(struct snapshot_edit *e, const struct edited *item)
{
        const struct zone *before = item->before, *after = item->after;

        rework(e, item->number);
        if (before == after)
                return;
        list_records(e, before, after);
        if (!before || !after)
                list_moved(e, before ? before : after);
        else
                list_name(e, after->wire); /* its name servers */
}

static void edit_pool(struct snapshot_edit *e, const struct edited *item)
{
        const struct pool_contents *old = pages_get(&e->before->pools, item->number);
        const struct pool_contents *made = item->after ? compose_pool(&e->blocks, item->after) : NULL;

        if (old && made && old->size == made->size && !memcmp(old->records, made->records, old->size)) {
                block_replaced(&e->blocks, made);
                return;
        }
        pages_put(&e->blocks, &e->root->pools, &e->before->pools, item->number, made);
        if (old && old->apart)
                block_replaced(&e->blocks, old);
}

static void edit_item(struct snapshot_edit *e, const struct edited *item)
{
        const struct service *service = item->after ? item->after : item->before;

        if (item->kind == KIND_ZONES)
                edit_zone(e, item);
        else if (item->kind == KIND_POOLS)
                edit_pool(e, item);
        else if (item->kind == KIND_SERVICES)
                list_name(e, service->wire);
}

/* --- the whole --- */

static void replace_node(void *context, const struct node *n)
{
        struct snapshot_edit *e = context;

        if (n->flags & NODE_APART)
                block_replaced(&e->blocks, n);
}

static void finish_zone(struct snapshot_edit *e, const struct reworked *z)
{
        const struct zone *item = zone_after(e, z->number);
        struct zone_data *data = NULL;

        if (item) {
                data = compose_zone(&e->blocks, item);
                data->names = z->names;
                data->cuts = z->cuts;
                data->dnames = z->dnames;
        } else {
                ordered_each(z->names, replace_node, e);
                ordered_gone(&e->blocks, z->names);
        }
        pages_put(&e->blocks, &e->root->zones, &e->before->zones, z->number, data);
        if (z->before && z->before->apart)
                block_replaced(&e->blocks, z->before);
}

static void edit_free(struct snapshot_edit *e)
{
        free(e->zones);
        free(e->names);
        free(e);
}

struct snapshot_edit *snapshot_edit_new(const struct snapshot *before, const struct model *after,
                                        const struct edited *items, size_t count, uint64_t revision)
{
        struct snapshot_edit *e = memory_alloc(sizeof(*e));

        e->before = before;
        e->model = after;
        e->root = memory_alloc(sizeof(*e->root));
        *e->root = *before;
        e->root->model = after;
        e->root->revision = revision;
        e->root->version = before->version + 1;
        e->root->locator = steering_locator(before->steering);
        for (size_t i = 0; i < count; i++)
                edit_item(e, &items[i]);
        for (size_t i = 0; i < e->name_count; i++)
                refresh(e, e->names[i]);
        for (size_t i = 0; i < e->zone_count; i++)
                finish_zone(e, &e->zones[i]);
        return e;
}

const struct snapshot *snapshot_edit_root(const struct snapshot_edit *e)
{
        return e->root;
}

/* What a published edit leaves behind. */
struct left {
        struct snapshot *root;
        struct block *blocks;
};

static void release(void *thing)
{
        struct left *l = thing;

        blocks_free(l->blocks);
        free(l->root);
        free(l);
}

void snapshot_edit_publish(struct snapshot_edit *e)
{
        struct left *left = memory_alloc(sizeof(*left));

        left->blocks = blocks_keep(&e->blocks, &e->root->base->live);
        left->root = snapshot_swap(e->root);
        assert(left->root == e->before);
        rcu_retire(left, release);
        edit_free(e);
}

void snapshot_edit_drop(struct snapshot_edit *e)
{
        blocks_drop(&e->blocks);
        free(e->root);
        edit_free(e);
}
