/* References between documents: names become indexes; what concerns more than one document is checked here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "zones/config/load_private.h"
#include "zones/dns/name.h"

uint32_t model_resolve(struct model *m, enum kind wanted, const char *name, struct problems *problems, enum kind kind,
                       const char *key, const char *rest)
{
        uint32_t i = model_find(m, wanted, name);

        if (i == MODEL_NONE)
                model_problem(problems, kind, key, rest, "refers to %s[%s], which does not exist", kind_name(wanted),
                              name);
        return i;
}

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

static void link_regions(struct model *m, struct problems *problems)
{
        const char *first = NULL;

        m->default_region = m->count[KIND_REGIONS] ? 0 : MODEL_NONE;
        for (uint32_t i = 0; i < m->count[KIND_REGIONS]; i++) {
                struct region *r = &m->regions[i];
                link_region(m, r, problems);
                if (!r->is_default)
                        continue;
                if (first)
                        model_problem(problems, KIND_REGIONS, r->name, "default",
                                      "only one region can be the default, regions[%s] is", first);
                else
                        m->default_region = i;
                first = r->name;
        }
        for (uint32_t i = 0; i < m->count[KIND_NETWORKS]; i++) {
                char key[PREFIX_TEXT_MAX];
                m->networks[i].region =
                        model_resolve(m, KIND_REGIONS, m->networks[i].region_name, problems, KIND_NETWORKS,
                                      prefix_format(&m->networks[i].cidr, key), "region");
        }
        for (uint32_t i = 0; i < m->count[KIND_PROBERS]; i++)
                m->probers[i].region = !m->probers[i].region_name
                                               ? MODEL_NONE
                                               : model_resolve(m, KIND_REGIONS, m->probers[i].region_name, problems,
                                                               KIND_PROBERS, m->probers[i].name, "region");
}

/* --- pools --- */

static int compare_names(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void check_endpoint_names(struct pool *p, struct problems *problems)
{
        const struct endpoint *endpoints = p->endpoints.items;
        const char **names = malloc((p->endpoints.count + 1) * sizeof(*names));

        if (!names)
                return;
        for (uint32_t i = 0; i < p->endpoints.count; i++)
                names[i] = endpoints[i].name;
        qsort(names, p->endpoints.count, sizeof(*names), compare_names);
        for (uint32_t i = 1; i < p->endpoints.count; i++)
                if (!strcmp(names[i], names[i - 1]))
                        model_problem(problems, KIND_POOLS, p->name, "endpoints", "two endpoints have the name \"%s\"",
                                      names[i]);
        free(names);
}

static void check_ports(struct model *m, const struct monitor *monitor, const struct endpoint *e, bool is_part,
                        struct problems *problems)
{
        char rest[160];

        if (problems->count)
                return;
        if (monitor_needs_port(monitor) && !monitor_port(monitor, e->port, is_part)) {
                snprintf(rest, sizeof(rest), "endpoints[%s].port", e->name);
                model_problem(problems, KIND_POOLS, m->pools[e->pool].name, rest,
                              "monitors[%s] has no port, so the endpoint needs one", monitor->name);
        }
        for (uint32_t i = 0; monitor->type == MONITOR_COMPOSITE && i < monitor->composite.of.count; i++)
                check_ports(m, &m->monitors[monitor->composite.parts[i]], e, true, problems);
}

static void link_endpoint(struct model *m, uint32_t pool, uint32_t index, struct problems *problems)
{
        struct pool *p = &m->pools[pool];
        struct endpoint *e = (struct endpoint *)p->endpoints.items + index;
        char rest[160];

        e->pool = pool;
        snprintf(rest, sizeof(rest), "endpoints[%s].monitor", e->name);
        e->monitor = monitor_use(m, &e->monitor_use, p->monitor, p->name, rest, problems);
        m->endpoints[p->first_endpoint + index] = e;
        if (e->monitor == MODEL_NONE || !e->enabled)
                return;
        check_ports(m, &m->monitors[e->monitor], e, false, problems);
}

static void link_pools(struct model *m, struct problems *problems)
{
        for (uint32_t i = 0; i < m->count[KIND_POOLS]; i++) {
                m->pools[i].first_endpoint = m->endpoint_count;
                m->endpoint_count += m->pools[i].endpoints.count;
        }
        m->endpoints = ARENA_ARRAY(m->arena, struct endpoint *, m->endpoint_count);
        for (uint32_t i = 0; i < m->count[KIND_POOLS]; i++) {
                struct pool *p = &m->pools[i];
                p->region = model_resolve(m, KIND_REGIONS, p->region_name, problems, KIND_POOLS, p->name, "region");
                p->monitor = monitor_use(m, &p->monitor_use, MODEL_NONE, p->name, "monitor", problems);
                check_endpoint_names(p, problems);
                for (uint32_t e = 0; e < p->endpoints.count; e++)
                        link_endpoint(m, i, e, problems);
        }
}

/* --- zones --- */

static const uint8_t *wire_of(struct model *m, const char *name)
{
        uint8_t wire[NAME_WIRE_MAX];
        const char *why;

        return arena_memdup(m->arena, wire, name_parse(name, NULL, wire, &why));
}

static void link_zone(struct model *m, struct zone *z, struct problems *problems)
{
        const char *const *ns = z->ns.items;

        z->wire = wire_of(m, z->name);
        z->ns_wire = ARENA_ARRAY(m->arena, const uint8_t *, z->ns.count);
        for (uint32_t i = 0; i < z->ns.count; i++) {
                z->ns_wire[i] = wire_of(m, ns[i]);
                for (uint32_t j = 0; j < i; j++)
                        if (name_equal(z->ns_wire[i], z->ns_wire[j]))
                                model_problem(problems, KIND_ZONES, z->name, "ns",
                                              "the name server \"%s\" stands twice", ns[i]);
        }
        z->soa.mname_wire = wire_of(m, z->soa.mname ? z->soa.mname : ns[0]);
        if (z->soa.rname) {
                z->soa.rname_wire = wire_of(m, z->soa.rname);
        } else {
                uint8_t rname[NAME_WIRE_MAX + 16] = "\012hostmaster";
                unsigned length = name_length(z->wire);
                if (11 + length > NAME_WIRE_MAX) {
                        model_problem(problems, KIND_ZONES, z->name, "soa.rname",
                                      "hostmaster.ZONE would be too long, give a shorter one");
                        length = 0;
                }
                memcpy(rname + 11, z->wire, length);
                z->soa.rname_wire = arena_memdup(m->arena, rname, 11 + length);
        }
        zone_records_check(m, z, problems);
}

/* --- services --- */

/* The next name up, in canonical text: behind the first dot that is no part of a label. */
static const char *parent_name(const char *name)
{
        for (; *name; name++) {
                if (*name == '\\' && name[1])
                        name++;
                else if (*name == '.')
                        return name + 1;
        }
        return NULL;
}

static uint32_t zone_of(const struct model *m, const char *name)
{
        for (; name; name = parent_name(name)) {
                uint32_t i = model_find(m, KIND_ZONES, name);
                if (i != MODEL_NONE)
                        return i;
        }
        return model_find(m, KIND_ZONES, ".");
}

static void link_service_pools(struct model *m, struct service *s, struct problems *problems)
{
        struct service_pool *pools = s->pools.items;
        char rest[40];

        for (uint32_t i = 0; i < s->pools.count; i++) {
                snprintf(rest, sizeof(rest), "pools[%u]", i);
                pools[i].pool =
                        model_resolve(m, KIND_POOLS, pools[i].pool_name, problems, KIND_SERVICES, s->name, rest);
                for (uint32_t j = 0; j < i; j++)
                        if (pools[i].pool == pools[j].pool && pools[i].pool != MODEL_NONE)
                                model_problem(problems, KIND_SERVICES, s->name, rest, "the pool \"%s\" stands twice",
                                              pools[i].pool_name);
        }
}

static void link_overrides(struct model *m, struct service *s, struct problems *problems)
{
        struct override *overrides = s->overrides.items;
        char rest[60];

        for (uint32_t i = 0; i < s->overrides.count; i++) {
                const char *const *names = overrides[i].regions.items;
                overrides[i].region_indexes = ARENA_ARRAY(m->arena, uint32_t, overrides[i].regions.count);
                for (uint32_t j = 0; j < overrides[i].regions.count; j++) {
                        snprintf(rest, sizeof(rest), "overrides[%u].regions[%u]", i, j);
                        overrides[i].region_indexes[j] =
                                model_resolve(m, KIND_REGIONS, names[j], problems, KIND_SERVICES, s->name, rest);
                }
        }
}

static void link_service(struct model *m, struct service *s, struct problems *problems)
{
        s->wire = wire_of(m, s->name);
        s->zone = zone_of(m, s->name);
        if (s->zone == MODEL_NONE) {
                model_problem(problems, KIND_SERVICES, s->name, "name", "lies in none of the zones");
        } else {
                const struct zone *z = &m->zones[s->zone];
                uint32_t record = zone_address_record(z, s->wire);
                if (record != MODEL_NONE)
                        model_problem(problems, KIND_SERVICES, s->name, "name",
                                      "zones[%s].records[%u] has addresses or a CNAME for this name already", z->name,
                                      record);
        }
        link_service_pools(m, s, problems);
        s->last_resort = !s->last_resort_name ? MODEL_NONE
                                              : model_resolve(m, KIND_POOLS, s->last_resort_name, problems,
                                                              KIND_SERVICES, s->name, "last_resort");
        link_overrides(m, s, problems);
        if (s->svcb.count || s->https.count)
                bindings_link(m, s, problems);
}

/* --- services within services --- */

/* How many services a client is led through from this one on; more than SERVICE_DEPTH_MAX stands for a circle, too. */
static unsigned service_depth(const struct model *m, const struct service *s, unsigned above)
{
        const struct service_pool *pools = s->pools.items;
        unsigned deepest = 0;

        for (uint32_t i = 0; i < s->pools.count && above <= SERVICE_DEPTH_MAX; i++) {
                uint32_t inner = pools[i].pool == MODEL_NONE ? MODEL_NONE : m->pools[pools[i].pool].service;
                unsigned depth = inner == MODEL_NONE ? 0 : service_depth(m, &m->services[inner], above + 1);
                deepest = depth > deepest ? depth : deepest;
        }
        return 1 + deepest;
}

static void link_nested(struct model *m, struct problems *problems)
{
        char key[NAME_TEXT_MAX];
        bool any = false;

        for (uint32_t i = 0; i < m->count[KIND_POOLS]; i++) {
                struct pool *p = &m->pools[i];
                p->service = MODEL_NONE;
                if (p->service_name && name_key(p->service_name, key))
                        p->service = model_resolve(m, KIND_SERVICES, key, problems, KIND_POOLS, p->name, "service");
                any |= p->service != MODEL_NONE;
        }
        for (uint32_t i = 0; any && i < m->count[KIND_SERVICES]; i++) {
                const struct service *s = &m->services[i];
                if (service_depth(m, s, 1) > SERVICE_DEPTH_MAX)
                        model_problem(problems, KIND_SERVICES, s->name, "pools",
                                      "leads through more than %d services, or in a circle", SERVICE_DEPTH_MAX);
                if (s->last_resort != MODEL_NONE && m->pools[s->last_resort].service != MODEL_NONE)
                        model_problem(problems, KIND_SERVICES, s->name, "last_resort",
                                      "expected a pool with endpoints of its own");
        }
}

void model_link(struct model *m, struct problems *problems)
{
        link_regions(m, problems);
        monitors_link(m, problems);
        link_pools(m, problems);
        for (uint32_t i = 0; i < m->count[KIND_ZONES]; i++)
                link_zone(m, &m->zones[i], problems);
        for (uint32_t i = 0; i < m->count[KIND_SERVICES]; i++)
                link_service(m, &m->services[i], problems);
        link_nested(m, problems);
        for (uint32_t i = 0; i < m->count[KIND_TOKENS]; i++)
                if (m->tokens[i].prober)
                        model_resolve(m, KIND_PROBERS, m->tokens[i].prober, problems, KIND_TOKENS, m->tokens[i].name,
                                      "prober");
}
