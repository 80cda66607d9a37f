#include "tests/unit/model_text.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "zones/dns/name.h"

struct keyed {
        const char *key;
        uint32_t number;
};

static int compare_keyed(const void *a, const void *b)
{
        return strcmp(((const struct keyed *)a)->key, ((const struct keyed *)b)->key);
}

static const char *name_at(const struct model *m, enum kind kind, uint32_t number)
{
        static char scratch[4][PREFIX_TEXT_MAX];
        static unsigned turn;

        if (number == MODEL_NONE)
                return "-";
        ck_assert_uint_lt(number, m->count[kind]);
        ck_assert_ptr_nonnull(m->items[kind][number]);
        return model_key(kind, m->items[kind][number], scratch[turn++ % 4]);
}

static void bytes(struct buffer *b, const char *name, const uint8_t *p, size_t n)
{
        buffer_printf(b, " %s ", name);
        for (size_t i = 0; i < n; i++)
                buffer_printf(b, "%02x", p[i]);
}

static void strings(struct buffer *b, const char *name, const struct strings *s)
{
        buffer_printf(b, " %s", name);
        for (uint32_t i = 0; i < s->count; i++)
                buffer_printf(b, "%s\"%s\"", i ? "," : " ", s->items[i]);
}

/* Those of one list, by key: their order in the list says nothing. */
static void referring(struct buffer *b, const char *name, const struct model *m, const struct reference *first,
                      enum kind kind, uint32_t to)
{
        struct keyed *list = NULL;
        size_t count = 0;

        for (const struct reference *r = first; r; r = r->next) {
                ck_assert_uint_eq(r->to, to);
                ck_assert(!r->next || r->next->previous == r);
                list = memory_resize(list, (count + 1) * sizeof(*list));
                list[count++] = (struct keyed){name_at(m, kind, r->from), r->from};
        }
        if (count)
                qsort(list, count, sizeof(*list), compare_keyed);
        buffer_printf(b, " %s", name);
        for (size_t i = 0; i < count; i++)
                buffer_printf(b, "%s%s", i ? "," : " ", list[i].key);
        free(list);
}

static void monitor_text(const struct model *m, uint32_t number, struct buffer *b)
{
        if (number == MODEL_NONE) {
                buffer_text(b, " monitor -");
                return;
        }
        const struct monitor *monitor = m->monitors[number];
        ck_assert_ptr_nonnull(monitor);
        buffer_printf(b, " monitor %s%s ", monitor->name, monitor->is_made ? " made" : "");
        doc_write_json(monitor->doc, b, 0);
        for (uint32_t i = 0; monitor->type == MONITOR_COMPOSITE && i < monitor->composite.of.count; i++)
                buffer_printf(b, " part %s", name_at(m, KIND_MONITORS, monitor->composite.parts[i]));
}

static void endpoint_text(const struct model *m, const struct pool *p, const struct endpoint *e, struct buffer *b)
{
        ck_assert_uint_lt(e->number, m->endpoint_count);
        ck_assert_ptr_eq(m->endpoints[e->number], e);
        ck_assert_uint_eq(e->pool, p->number);
        buffer_printf(b, "\n  %s %s type %d weight %lld priority %lld port %lld max %g %d %d", e->name, e->address_text,
                      e->type, (long long)e->weight, (long long)e->priority, (long long)e->port, e->max_load,
                      e->enabled, e->backup);
        bytes(b, "address", e->address.bytes, sizeof(e->address.bytes));
        if (e->cname)
                bytes(b, "cname", e->cname, name_length(e->cname));
        strings(b, "labels", &e->labels);
        monitor_text(m, e->monitor, b);
}

static void pool_text(const struct model *m, const struct pool *p, struct buffer *b)
{
        buffer_printf(
                b, "%s region %s balance %d answers %lld %d healthy %lld/%lld max %g slow %lld salt %s service %s",
                p->name, name_at(m, KIND_REGIONS, p->region), p->balance, (long long)p->answers, p->enabled,
                (long long)p->min_healthy.count, (long long)p->min_healthy.percent, p->max_load,
                (long long)p->slow_start_ms, p->hash.salt ? p->hash.salt : "-", name_at(m, KIND_SERVICES, p->service));
        strings(b, "labels", &p->labels);
        monitor_text(m, p->monitor, b);
        referring(b, "over", m, m->services_over[p->number], KIND_SERVICES, p->number);
        for (uint32_t i = 0; i < p->endpoints.count; i++)
                endpoint_text(m, p, &p->endpoints.items[i], b);
}

static void zone_text(const struct model *m, const struct zone *z, struct buffer *b)
{
        buffer_printf(b, "%s ttl %lld serial %u contents %llx/%llx soa %lld %lld %lld %lld %lld", z->name,
                      (long long)z->ttl, z->serial, (unsigned long long)m->contents[z->number].low,
                      (unsigned long long)m->contents[z->number].high, (long long)z->soa.serial,
                      (long long)z->soa.refresh, (long long)z->soa.retry, (long long)z->soa.expire,
                      (long long)z->soa.minimum);
        bytes(b, "wire", z->wire, name_length(z->wire));
        bytes(b, "mname", z->soa.mname_wire, name_length(z->soa.mname_wire));
        bytes(b, "rname", z->soa.rname_wire, name_length(z->soa.rname_wire));
        for (uint32_t i = 0; i < z->ns.count; i++)
                bytes(b, "ns", z->ns_wire[i], name_length(z->ns_wire[i]));
        referring(b, "in", m, m->services_in[z->number], KIND_SERVICES, z->number);
        for (uint32_t i = 0; i < z->records.count; i++) {
                const struct record *r = &z->records.items[z->by_owner[i]];
                buffer_printf(b, "\n  %u %u ttl %u", z->by_owner[i], r->type, r->ttl);
                bytes(b, "owner", r->owner, name_length(r->owner));
                for (uint32_t d = 0; d < r->count; d++)
                        bytes(b, "data", r->rdata[d], 2 + ((size_t)r->rdata[d][0] << 8 | r->rdata[d][1]));
        }
}

static void bindings_text(const struct model *m, const char *name, const struct binding_list *list, struct buffer *b)
{
        for (uint32_t i = 0; i < list->count; i++) {
                const struct binding *x = &list->items[i];
                buffer_printf(b, "\n  %s %lld %s \"%s\" steered %s hints at %u %u", name, (long long)x->priority,
                              x->target, x->params, name_at(m, KIND_SERVICES, x->steered), x->ipv4hint_at,
                              x->ipv6hint_at);
                bytes(b, "rdata", x->rdata, x->length);
        }
}

static void service_text(const struct model *m, const struct service *s, struct buffer *b)
{
        buffer_printf(b, "%s zone %s ttl %lld steering %d down %d last %s failback %d fence %d flatten %d %d", s->name,
                      name_at(m, KIND_ZONES, s->zone), (long long)s->ttl, s->steering, s->when_all_down,
                      name_at(m, KIND_POOLS, s->last_resort), s->failback, s->fence, s->flatten, s->enabled);
        bytes(b, "wire", s->wire, name_length(s->wire));
        referring(b, "around", m, m->pools_around[s->number], KIND_POOLS, s->number);
        for (uint32_t i = 0; i < s->pools.count; i++)
                buffer_printf(b, "\n  pool %s %s %lld", s->pools.items[i].pool_name,
                              name_at(m, KIND_POOLS, s->pools.items[i].pool), (long long)s->pools.items[i].weight);
        for (uint32_t i = 0; i < s->overrides.count; i++) {
                strings(b, "\n  override", &s->overrides.items[i].regions);
                for (uint32_t r = 0; r < s->overrides.items[i].regions.count; r++)
                        buffer_printf(b, " %s", name_at(m, KIND_REGIONS, s->overrides.items[i].region_indexes[r]));
        }
        bindings_text(m, "svcb", &s->svcb, b);
        bindings_text(m, "https", &s->https, b);
}

static void item_text(const struct model *m, enum kind kind, uint32_t number, struct buffer *b)
{
        const void *item = m->items[kind][number];

        buffer_printf(b, "%s ", kind_name(kind));
        if (kind == KIND_POOLS)
                pool_text(m, item, b);
        else if (kind == KIND_ZONES)
                zone_text(m, item, b);
        else if (kind == KIND_SERVICES)
                service_text(m, item, b);
        else if (kind == KIND_MONITORS)
                monitor_text(m, number, b);
        else
                buffer_text(b, name_at(m, kind, number));
        if (kind == KIND_TOKENS) {
                const struct token *t = item;
                buffer_printf(b, " role %d hash %s prober %s until %lld", t->role, t->hash, t->prober ? t->prober : "-",
                              (long long)t->until_ms);
                strings(b, "zones", &t->zones);
                strings(b, "labels", &t->pool_labels);
        }
        buffer_text(b, "\n");
}

static void check_numbers(const struct model *m)
{
        uint32_t endpoints = 0, hints = 0;

        model_each (pool, p, m->pools, m->count[KIND_POOLS])
                ck_assert_ptr_eq(m->pools[p->number], p);
        model_each (service, s, m->services, m->count[KIND_SERVICES])
                ck_assert_ptr_eq(m->services[s->number], s);
        model_each (zone, z, m->zones, m->count[KIND_ZONES])
                ck_assert_ptr_eq(m->zones[z->number], z);
        model_each (endpoint, e, m->endpoints, m->endpoint_count) {
                ck_assert_uint_eq(m->pools[e->pool]->number, e->pool);
                endpoints++;
        }
        ck_assert_uint_eq(endpoints, m->endpoints_present);
        for (uint32_t i = 0; m->hints.heads && i <= m->hints.mask; i++)
                for (const struct reference *r = m->hints.heads[i]; r; r = r->next, hints++)
                        name_at(m, KIND_SERVICES, r->from);
        ck_assert_uint_eq(hints, m->hints.count);
}

void model_text(const struct model *m, struct buffer *b)
{
        char scratch[PREFIX_TEXT_MAX];

        check_numbers(m);
        for (enum kind kind = KIND_MONITORS; kind <= KIND_TOKENS; kind++) {
                struct keyed *list = memory_alloc((m->count[kind] + 1) * sizeof(*list));
                uint32_t count = 0;
                for (uint32_t i = 0; i < m->count[kind]; i++) {
                        if (!m->items[kind][i] || (kind == KIND_MONITORS && m->monitors[i]->is_made))
                                continue;
                        list[count++] = (struct keyed){model_key(kind, m->items[kind][i], scratch), i};
                        ck_assert_uint_eq(model_find(m, kind, list[count - 1].key), i);
                }
                ck_assert_uint_eq(count, m->present[kind]);
                qsort(list, count, sizeof(*list), compare_keyed);
                for (uint32_t i = 0; i < count; i++)
                        item_text(m, kind, list[i].number, b);
                free(list);
        }
}
