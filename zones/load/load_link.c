/* References between documents: names become numbers; what concerns more than one document is checked here. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "zones/load/load_private.h"
#include "zones/dns/name.h"

/* --- regions --- */

static void link_region(struct model *m, struct region *r, struct problems *problems)
{
        const char *const *names = r->fallback.items;
        char rest[40];

        r->fallback_regions = ARENA_ARRAY(m->arena, uint32_t, r->fallback.count);
        for (uint32_t i = 0; i < r->fallback.count; i++) {
                snprintf(rest, sizeof(rest), "fallback[%u]", i);
                r->fallback_regions[i] =
                        model_resolve(m, KIND_REGIONS, names[i], problems, KIND_REGIONS, r->name, rest);
                if (!strcmp(names[i], r->name))
                        model_problem(problems, KIND_REGIONS, r->name, rest, "a region cannot fall back to itself");
                for (uint32_t j = 0; j < i; j++)
                        if (!strcmp(names[i], names[j]))
                                model_problem(problems, KIND_REGIONS, r->name, rest, "the region \"%s\" stands twice",
                                              names[i]);
        }
}

static void link_regions(struct model *m, const struct rows *rows, struct problems *problems)
{
        const char *first = NULL;

        m->default_region = m->count[KIND_REGIONS] ? 0 : MODEL_NONE;
        rows_each (region, r, rows, KIND_REGIONS) {
                link_region(m, r, problems);
                if (!r->is_default)
                        continue;
                if (first)
                        model_problem(problems, KIND_REGIONS, r->name, "default",
                                      "only one region can be the default, regions[%s] is", first);
                else
                        m->default_region = r_at;
                first = r->name;
        }
        rows_each (network, n, rows, KIND_NETWORKS) {
                char key[PREFIX_TEXT_MAX];
                n->region = model_resolve(m, KIND_REGIONS, n->region_name, problems, KIND_NETWORKS,
                                          prefix_format(&n->cidr, key), "region");
        }
}

void probers_link(struct model *m, const struct rows *rows, struct problems *problems)
{
        rows_each (prober, p, rows, KIND_PROBERS)
                p->region = !p->region_name ? MODEL_NONE
                                            : model_resolve(m, KIND_REGIONS, p->region_name, problems, KIND_PROBERS,
                                                            p->name, "region");
}

/* --- pools --- */

static int compare_names(const void *a, const void *b)
{
        const struct endpoint *x = *(const struct endpoint *const *)a, *y = *(const struct endpoint *const *)b;

        return strcmp(x->name, y->name);
}

/* Length bytes are below the letters, so that folding leaves them alone. */
static int compare_hosts(const uint8_t *a, const uint8_t *b)
{
        unsigned na = name_length(a), nb = name_length(b);

        for (unsigned i = 0; i < na && i < nb; i++)
                if (tolower(a[i]) != tolower(b[i]))
                        return tolower(a[i]) - tolower(b[i]);
        return (int)na - (int)nb;
}

static int compare_addresses(const void *a, const void *b)
{
        const struct endpoint *x = *(const struct endpoint *const *)a, *y = *(const struct endpoint *const *)b;

        if (x->type != y->type)
                return x->type - y->type;
        return x->type == ENDPOINT_CNAME ? compare_hosts(x->cname, y->cname)
                                         : memcmp(x->address.bytes, y->address.bytes, sizeof(x->address.bytes));
}

static int compare_addresses_and_ports(const void *a, const void *b)
{
        const struct endpoint *x = *(const struct endpoint *const *)a, *y = *(const struct endpoint *const *)b;
        int order = compare_addresses(a, b);

        return order ? order : x->port < y->port ? -1 : x->port > y->port;
}

/* Names tell endpoints apart. One address twice would be one record twice in a reply; where a reply has one, two ports
 * of a host may be two endpoints. */
static void check_endpoints_differ(struct pool *p, struct problems *problems)
{
        const struct endpoint *endpoints = p->endpoints.items;
        const struct endpoint **order = malloc((p->endpoints.count + 1) * sizeof(const struct endpoint *));

        if (!order)
                return;
        for (uint32_t i = 0; i < p->endpoints.count; i++)
                order[i] = &endpoints[i];
        qsort(order, p->endpoints.count, sizeof(*order), compare_names);
        for (uint32_t i = 1; i < p->endpoints.count; i++)
                if (!compare_names(&order[i], &order[i - 1]))
                        model_problem(problems, KIND_POOLS, p->name, "endpoints", "two endpoints have the name \"%s\"",
                                      order[i]->name);
        bool several = p->answers > 1 || (p->balance == BALANCE_ALL && p->answers != 1);
        int (*compare)(const void *, const void *) = several ? compare_addresses : compare_addresses_and_ports;
        qsort(order, p->endpoints.count, sizeof(*order), compare);
        for (uint32_t i = 1; i < p->endpoints.count; i++)
                if (strcmp(order[i]->name, order[i - 1]->name) && !compare(&order[i], &order[i - 1]))
                        model_problem(problems, KIND_POOLS, p->name, "endpoints",
                                      "\"%s\" and \"%s\" have the same address, %s", order[i - 1]->name, order[i]->name,
                                      order[i]->address_text);
        free(order);
}

static void check_ports(struct model *m, const struct monitor *monitor, const struct endpoint *e, bool is_part,
                        struct problems *problems)
{
        char rest[160];

        if (problems->count)
                return;
        if (monitor_needs_port(monitor) && !monitor_port(monitor, e->port, is_part)) {
                snprintf(rest, sizeof(rest), "endpoints[%s].port", e->name);
                model_problem(problems, KIND_POOLS, m->pools[e->pool]->name, rest,
                              "monitors[%s] has no port, so the endpoint needs one", monitor->name);
        }
        for (uint32_t i = 0; monitor->type == MONITOR_COMPOSITE && i < monitor->composite.of.count; i++)
                check_ports(m, m->monitors[monitor->composite.parts[i]], e, true, problems);
}

static void link_endpoint(struct model *m, struct pool *p, struct endpoint *e, struct problems *problems)
{
        char rest[160];

        snprintf(rest, sizeof(rest), "endpoints[%s].monitor", e->name);
        e->monitor = monitor_use(m, p, &e->monitor_use, p->monitor, rest, problems);
        if (e->monitor == MODEL_NONE || !endpoint_is_used(e))
                return;
        check_ports(m, m->monitors[e->monitor], e, false, problems);
}

void pools_link(struct model *m, const struct rows *rows, struct problems *problems)
{
        rows_each (pool, p, rows, KIND_POOLS) {
                p->region = model_resolve(m, KIND_REGIONS, p->region_name, problems, KIND_POOLS, p->name, "region");
                p->monitor = monitor_use(m, p, &p->monitor_use, MODEL_NONE, "monitor", problems);
                check_endpoints_differ(p, problems);
                for (uint32_t e = 0; e < p->endpoints.count; e++)
                        link_endpoint(m, p, &p->endpoints.items[e], problems);
        }
}

/* --- zones --- */

static const char **keep_strings(struct arena *a, const struct strings *list)
{
        const char **kept = ARENA_ARRAY(a, const char *, list->count);

        for (uint32_t i = 0; i < list->count; i++)
                kept[i] = arena_strdup(a, list->items[i]);
        return kept;
}

/* It was decoded into memory that goes: texts of records, of which most configurations of many names consist, are
 * needed no more. */
static void keep_texts(struct zone *z)
{
        z->ns.items = keep_strings(z->arena, &z->ns);
        z->transfer.keys.items = keep_strings(z->arena, &z->transfer.keys);
        if (z->transfer.allow.count)
                z->transfer.allow.items = arena_memdup(z->arena, z->transfer.allow.items,
                                                       z->transfer.allow.count * sizeof(*z->transfer.allow.items));
        z->soa.mname = z->soa.rname = NULL; /* on the wire from here on */
        z->written.items = NULL;
        z->written.count = 0;
}

static void link_zone(struct zone *z, struct problems *problems)
{
        const char *const *ns = z->ns.items;

        z->wire = model_wire(z->arena, z->name);
        z->ns_wire = ARENA_ARRAY(z->arena, const uint8_t *, z->ns.count);
        for (uint32_t i = 0; i < z->ns.count; i++) {
                z->ns_wire[i] = model_wire(z->arena, ns[i]);
                for (uint32_t j = 0; j < i; j++)
                        if (name_equal(z->ns_wire[i], z->ns_wire[j]))
                                model_problem(problems, KIND_ZONES, z->name, "ns",
                                              "the name server \"%s\" stands twice", ns[i]);
        }
        z->soa.mname_wire = model_wire(z->arena, z->soa.mname ? z->soa.mname : ns[0]);
        if (z->soa.rname) {
                z->soa.rname_wire = model_wire(z->arena, z->soa.rname);
        } else {
                uint8_t rname[NAME_WIRE_MAX + 16] = "\012hostmaster";
                unsigned length = name_length(z->wire);
                if (11 + length > NAME_WIRE_MAX) {
                        model_problem(problems, KIND_ZONES, z->name, "soa.rname",
                                      "hostmaster.ZONE would be too long, give a shorter one");
                        length = 0;
                }
                memcpy(rname + 11, z->wire, length);
                z->soa.rname_wire = arena_memdup(z->arena, rname, 11 + length);
        }
        zone_records_check(z, problems);
        keep_texts(z);
}

void zones_link(const struct rows *rows, struct problems *problems)
{
        rows_each (zone, z, rows, KIND_ZONES)
                link_zone(z, problems);
}

/* --- tokens --- */

void tokens_link(struct model *m, const struct rows *rows, struct problems *problems)
{
        rows_each (token, t, rows, KIND_TOKENS)
                if (t->prober)
                        model_resolve(m, KIND_PROBERS, t->prober, problems, KIND_TOKENS, t->name, "prober");
}

/* --- all --- */

/* Most configurations have no service within another, and need no look at how deep they go. */
static bool any_inside(const struct rows *rows)
{
        rows_each (pool, p, rows, KIND_POOLS)
                if (p->service != MODEL_NONE)
                        return true;
        return false;
}

void model_link(struct model *m, const struct rows *rows, struct problems *problems)
{
        link_regions(m, rows, problems);
        probers_link(m, rows, problems);
        monitors_link(m, rows, problems);
        pools_link(m, rows, problems);
        zones_link(rows, problems);
        services_link(m, rows, problems);
        pools_link_inside(m, rows, problems);
        if (any_inside(rows))
                services_check_depth(m, rows, problems);
        if (!problems->count) {
                services_check_beside(m, rows, problems);
                zones_check_servers(m, rows, problems);
        }
        tokens_link(m, rows, problems);
}
