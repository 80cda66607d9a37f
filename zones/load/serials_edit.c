#include "zones/load/serials_edit.h"

#include <stdlib.h>
#include "base/memory.h"
#include "zones/config/contents.h"
#include "zones/load/edit_private.h"
#include "zones/load/references.h"
#include "zones/load/serials.h"

/* What one service, or a zone itself, gives a zone: taken away before the edit, added after it. */
struct share {
        uint32_t zone;
        struct content_sum sum;
};

struct shares {
        struct share *list;
        size_t count;
        bool after;
};

static struct content_sum *share_add(struct shares *s, uint32_t zone)
{
        if (!(s->count & (s->count - 1)))
                s->list = memory_resize(s->list, (s->count ? 2 * s->count : 1) * sizeof(*s->list));
        s->list[s->count] = (struct share){zone, {0}};
        return &s->list[s->count++].sum;
}

static void share_sign(const struct shares *s, struct content_sum *sum)
{
        if (!s->after)
                *sum = (struct content_sum){-sum->low, -sum->high};
}

/* Services whose records may be others. */
static void services_touched(const struct model *m, const struct model_edit *e, struct set *services)
{
        for (size_t i = 0; i < e->count; i++) {
                const struct edited *x = &e->items[i];
                if (x->kind == KIND_SERVICES)
                        set_add(services, x->number);
                if (x->kind == KIND_POOLS && x->before && x->after && !contents_same(x->before, x->after))
                        references_each (r, m->services_over, x->number)
                                set_add(services, r->from);
        }
}

/* What the touched give as the model is now. */
static void shares_sum(const struct model *m, const struct model_edit *e, const struct set *services,
                       struct shares *out)
{
        for (uint32_t i = 0; i < services->count; i++) {
                const struct service *s = m->services[services->list[i]];
                if (!s)
                        continue;
                struct content_sum *sum = share_add(out, s->zone);
                contents_add_service(m, s, sum);
                share_sign(out, sum);
        }
        for (size_t i = 0; i < e->named; i++) {
                const struct zone *z = out->after ? e->items[i].after : e->items[i].before;
                if (e->items[i].kind != KIND_ZONES || !z)
                        continue;
                struct content_sum *sum = share_add(out, z->number);
                contents_add_zone(z, sum);
                share_sign(out, sum);
        }
}

static int compare_shares(const void *a, const void *b)
{
        const struct share *x = a, *y = b;

        return x->zone < y->zone ? -1 : x->zone > y->zone;
}

static bool is_named(const struct model_edit *e, uint32_t zone, bool *is_new)
{
        for (size_t i = 0; i < e->named; i++)
                if (e->items[i].kind == KIND_ZONES && e->items[i].number == zone) {
                        *is_new = !e->items[i].before;
                        return true;
                }
        return false;
}

static void raise_edited(struct store_txn *txn, struct model *m, struct model_edit *e, uint64_t revision, uint32_t zone,
                         const struct content_sum *difference)
{
        struct zone *z = m->zones[zone];
        struct zone_serial kept;
        bool is_new = false, named = is_named(e, zone, &is_new), news;

        if (!z)
                return;
        struct content_sum was = {0};
        if (!is_new)
                was = m->contents[zone];
        struct content_sum is = {was.low + difference->low, was.high + difference->high};
        if (is_new) {
                news = serial_raise(txn, revision, z, &is, &kept);
        } else {
                kept = (struct zone_serial){z->serial, {was.low, was.high}};
                news = serial_raise_from(&kept, z, &is);
        }
        if (!news && !is_new)
                return;
        e->serials = memory_resize(e->serials, (e->serial_count + 1) * sizeof(*e->serials));
        e->serials[e->serial_count++] = (struct reserial){zone, z->serial, kept.serial, was, is};
        if (!named)
                edit_add(e, KIND_ZONES, zone, z, z);
        z->serial = kept.serial;
        m->contents[zone] = is;
}

void serials_edit(struct store_txn *txn, struct model *m, struct model_edit *e, uint64_t revision)
{
        struct set services = {0};
        struct shares shares = {0};

        services_touched(m, e, &services);
        model_edit_uninstall(m, e);
        shares_sum(m, e, &services, &shares);
        model_edit_install(m, e);
        shares.after = true;
        shares_sum(m, e, &services, &shares);
        if (shares.count)
                qsort(shares.list, shares.count, sizeof(*shares.list), compare_shares);
        for (size_t i = 0, next; i < shares.count; i = next) {
                struct content_sum difference = {0};
                for (next = i; next < shares.count && shares.list[next].zone == shares.list[i].zone; next++) {
                        difference.low += shares.list[next].sum.low;
                        difference.high += shares.list[next].sum.high;
                }
                raise_edited(txn, m, e, revision, shares.list[i].zone, &difference);
        }
        free(shares.list);
        set_free(&services);
}

struct serial_change *serials_edit_changes(const struct model *m, const struct model_edit *e, struct arena *a,
                                           size_t *count)
{
        struct serial_change *changes = ARENA_ARRAY(a, struct serial_change, e->serial_count);

        for (size_t i = 0; i < e->serial_count; i++) {
                const struct reserial *s = &e->serials[i];
                changes[i] = (struct serial_change){arena_strdup(a, m->zones[s->zone]->name),
                                                    {s->after, {s->contents_after.low, s->contents_after.high}}};
        }
        *count = e->serial_count;
        return changes;
}
