/* Services: the zone and pools of each, services within services, and name servers and aliases against what stands
 * beside them. */
#include <stdio.h>
#include <string.h>
#include "zones/load/load_private.h"
#include "zones/dns/name.h"
#include "zones/dns/rdata.h"

const char *parent_name(const char *name)
{
        for (; *name; name++) {
                if (*name == '\\' && name[1])
                        name++;
                else if (*name == '.')
                        return name + 1;
        }
        return NULL;
}

uint32_t zone_of(const struct model *m, const char *name)
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
                overrides[i].region_indexes = ARENA_ARRAY(s->arena, uint32_t, overrides[i].regions.count);
                for (uint32_t j = 0; j < overrides[i].regions.count; j++) {
                        snprintf(rest, sizeof(rest), "overrides[%u].regions[%u]", i, j);
                        overrides[i].region_indexes[j] =
                                model_resolve(m, KIND_REGIONS, names[j], problems, KIND_SERVICES, s->name, rest);
                }
        }
}

static void link_service(struct model *m, struct service *s, struct problems *problems)
{
        s->wire = model_wire(s->arena, s->name);
        s->zone = zone_of(m, s->name);
        if (s->zone == MODEL_NONE) {
                model_problem(problems, KIND_SERVICES, s->name, "name", "lies in none of the zones");
        } else {
                const struct zone *z = m->zones[s->zone];
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

/* What a pool contains; NULL: no service, or nothing that is there. */
static const struct service *service_inside(const struct model *m, uint32_t pool)
{
        const struct pool *p = pool == MODEL_NONE ? NULL : m->pools[pool];

        return p && p->service != MODEL_NONE ? m->services[p->service] : NULL;
}

/* How many services a client is led through from this one on; more than SERVICE_DEPTH_MAX stands for a circle, too. */
static unsigned service_depth(const struct model *m, const struct service *s, unsigned above)
{
        const struct service_pool *pools = s->pools.items;
        unsigned deepest = 0;

        for (uint32_t i = 0; i < s->pools.count && above <= SERVICE_DEPTH_MAX; i++) {
                const struct service *inner = service_inside(m, pools[i].pool);
                unsigned depth = inner ? service_depth(m, inner, above + 1) : 0;
                deepest = depth > deepest ? depth : deepest;
        }
        return 1 + deepest;
}

void pools_link_inside(struct model *m, const struct rows *rows, struct problems *problems)
{
        char key[NAME_TEXT_MAX];

        rows_each (pool, p, rows, KIND_POOLS) {
                p->service = MODEL_NONE;
                if (p->service_name && name_key(p->service_name, key))
                        p->service = model_resolve(m, KIND_SERVICES, key, problems, KIND_POOLS, p->name, "service");
        }
}

void services_check_depth(const struct model *m, const struct rows *rows, struct problems *problems)
{
        rows_each (service, s, rows, KIND_SERVICES) {
                if (service_depth(m, s, 1) > SERVICE_DEPTH_MAX)
                        model_problem(problems, KIND_SERVICES, s->name, "pools",
                                      "leads through more than %d services, or in a circle", SERVICE_DEPTH_MAX);
                if (service_inside(m, s->last_resort))
                        model_problem(problems, KIND_SERVICES, s->name, "last_resort",
                                      "expected a pool with endpoints of its own");
        }
}

/* --- aliases --- */

const struct endpoint *alias_in_pool(const struct model *m, const struct pool *p)
{
        const struct endpoint *endpoints = p->endpoints.items;

        if (p->service != MODEL_NONE)
                return alias_of(m, m->services[p->service]);
        for (uint32_t i = 0; i < p->endpoints.count; i++)
                if (endpoints[i].type == ENDPOINT_CNAME && endpoint_is_used(&endpoints[i]))
                        return &endpoints[i];
        return NULL;
}

const struct endpoint *alias_of(const struct model *m, const struct service *s)
{
        const struct service_pool *pools = s->pools.items;
        const struct endpoint *found = s->last_resort == MODEL_NONE ? NULL : alias_in_pool(m, m->pools[s->last_resort]);

        for (uint32_t i = 0; i < s->pools.count && !found; i++)
                found = alias_in_pool(m, m->pools[pools[i].pool]);
        return found;
}

/* RFC 1034 3.6.2: a CNAME stands alone at its name. At the apex services are flattened anyway. */
static void check_alias(const struct model *m, const struct service *s, struct problems *problems)
{
        const struct zone *z = m->zones[s->zone];
        uint32_t record = s->flatten || name_equal(s->wire, z->wire) ? MODEL_NONE : zone_any_record(z, s->wire);
        const struct endpoint *alias = record == MODEL_NONE ? NULL : alias_of(m, s);
        const struct record *records = z->records.items;
        char id[400], type[24];

        if (alias)
                model_problem(
                        problems, KIND_SERVICES, s->name, "flatten",
                        "expected true: \"%s\" is a host name, answered as a CNAME, and cannot stand beside the %s "
                        "of zones[%s].records[%u]",
                        endpoint_id(m, alias->number, id, sizeof(id)),
                        rdata_type_name(records[record].type, type, sizeof(type)), z->name, record);
}

/* --- name servers --- */

/* Whether a record, a wildcard or a service of the zone can give the name an address. */
static bool has_address(const struct model *m, const struct zone *z, const uint8_t *name)
{
        uint8_t wildcard[NAME_WIRE_MAX + 2] = "\001*";
        char key[NAME_TEXT_MAX];

        if (zone_address_record(z, name) != MODEL_NONE ||
            model_find(m, KIND_SERVICES, name_format(name, key)) != MODEL_NONE)
                return true;
        for (const uint8_t *up = name; !name_equal(up, z->wire);) {
                up += 1 + *up;
                unsigned length = name_length(up);
                memcpy(wildcard + 2, up, length);
                if (length + 2 <= NAME_WIRE_MAX && zone_address_record(z, wildcard) != MODEL_NONE)
                        return true;
        }
        return false;
}

static void check_name_servers(const struct model *m, const struct zone *z, struct problems *problems)
{
        const char *const *ns = z->ns.items;
        char key[NAME_TEXT_MAX], rest[40];

        for (uint32_t i = 0; i < z->ns.count; i++) {
                if (!name_within(z->ns_wire[i], z->wire) || zone_of(m, name_format(z->ns_wire[i], key)) != z->number ||
                    has_address(m, z, z->ns_wire[i]))
                        continue;
                snprintf(rest, sizeof(rest), "ns[%u]", i);
                model_problem(problems, KIND_ZONES, z->name, rest,
                              "\"%s\" lies in the zone and has no address: expected an A or AAAA record of it", ns[i]);
        }
}

/* --- all --- */

void services_link(struct model *m, const struct rows *rows, struct problems *problems)
{
        rows_each (service, s, rows, KIND_SERVICES)
                link_service(m, s, problems);
}

void services_check_beside(const struct model *m, const struct rows *rows, struct problems *problems)
{
        rows_each (service, s, rows, KIND_SERVICES)
                check_alias(m, s, problems);
}

void zones_check_servers(const struct model *m, const struct rows *rows, struct problems *problems)
{
        rows_each (zone, z, rows, KIND_ZONES)
                check_name_servers(m, z, problems);
}
