#include "zones/explain.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "base/clock.h"
#include "geo/mmdb.h"
#include "zones/name.h"
#include "zones/rdata.h"
#include "zones/steering_private.h"
#include "zones/views.h"

/* One story under way. */
struct telling {
        const struct snapshot *snapshot;
        const struct model *model;
        const struct geo *geo;
        struct arena *arena;
        struct doc *out;
        struct client client;
        enum family family;
};

/* --- where the client is --- */

/* The longest operator network around the client, or -1. */
static int network_of(const struct model *m, const struct address *client)
{
        int best = -1;

        for (uint32_t i = 0; i < m->count[KIND_NETWORKS]; i++)
                if (prefix_contains(&m->networks[i].cidr, client) &&
                    (best < 0 || m->networks[i].cidr.length > m->networks[best].cidr.length))
                        best = (int)i;
        return best;
}

static void add_facts(struct telling *t, struct doc *d, const struct geo_facts *f)
{
        if (f->continent[0])
                doc_add_string(t->arena, d, "continent", f->continent);
        if (f->country[0])
                doc_add_string(t->arena, d, "country", f->country);
        if (f->subdivision[0])
                doc_add_string(t->arena, d, "subdivision", f->subdivision);
        if (f->asn)
                doc_add_int(t->arena, d, "asn", f->asn);
        if (f->has_location) {
                struct doc *list = doc_add_list(t->arena, d, "location");
                doc_add(list, NULL, doc_real(t->arena, (double)f->latitude));
                doc_add(list, NULL, doc_real(t->arena, (double)f->longitude));
        }
}

static const char *match_text(struct arena *a, const struct match *m)
{
        static const char *const kinds[] = {"continent", "country", "subdivision", "asn"};

        return m->kind == MATCH_ASN ? arena_printf(a, "asn:%u", m->asn)
                                    : arena_printf(a, "%s:%s", kinds[m->kind], m->value);
}

static void tell_location(struct telling *t)
{
        const struct model *m = t->model;
        struct doc *d = doc_add_map(t->arena, t->out, "located");
        int network = network_of(m, &t->client.prefix.address);
        struct geo_facts facts = {0};
        uint8_t length;
        bool covered = t->geo && geo_lookup(t->geo, &t->client.prefix.address, &facts, &length);
        struct located located = views_locate(m, covered ? &facts : NULL, network);
        char text[PREFIX_TEXT_MAX];

        doc_add_string(t->arena, d, "by", located.by_network ? "network" : located.match ? "geoip" : "default");
        if (located.by_network)
                doc_add_string(t->arena, d, "network", prefix_format(&m->networks[network].cidr, text));
        if (located.match)
                doc_add_string(t->arena, d, "match", match_text(t->arena, located.match));
        if (covered)
                add_facts(t, d, &facts);
        if (m->count[KIND_REGIONS])
                doc_add_string(t->arena, d, "region", m->regions[t->client.class].name);
        doc_add_int(t->arena, d, "scope", t->client.scope);
}

/* --- pools and endpoints --- */

static const char *health_word(const struct telling *t, uint32_t number)
{
        static const char *const words[] = {"unknown", "up", "down"};

        return t->model->endpoints[number]->monitor == MODEL_NONE ? "not monitored"
                                                                  : words[t->snapshot->steering->states[number].health];
}

static void tell_endpoint(struct telling *t, struct doc *list, uint32_t number, const struct picker *picker)
{
        const struct endpoint *e = t->model->endpoints[number];
        const struct endpoint_state *s = &t->snapshot->steering->states[number];
        struct doc *d = doc_add_map(t->arena, list, NULL);
        double share = picker_share(picker, number);

        doc_add_string(t->arena, d, "name", e->name);
        doc_add_string(t->arena, d, "address", e->address_text);
        doc_add_string(t->arena, d, "health", health_word(t, number));
        doc_add_bool(t->arena, d, "enabled", e->enabled);
        doc_add_bool(t->arena, d, "drained", s->drained);
        doc_add_int(t->arena, d, "weight", e->weight);
        doc_add_int(t->arena, d, "priority", e->priority);
        doc_add_real(t->arena, d, "share", share);
}

static const char *pool_reason(const struct telling *t, uint32_t pool, const struct choice *c)
{
        const struct pool *p = &t->model->pools[pool];
        const struct pool_tables *tables = &t->snapshot->steering->pools[pool];
        bool drained = false, down = false;

        if (c->pool == pool)
                return c->all_down ? "nothing is up anywhere, so it serves all the same (serve_all)"
                                   : "first usable pool in the order";
        if (!p->enabled)
                return "disabled";
        if (!tables->all[t->family])
                return t->family == FAMILY_A ? "has no endpoint with an IPv4 address"
                                             : "has no endpoint with an IPv6 address";
        if (tables->usable[t->family])
                return "usable, but a pool before it serves";
        for (uint32_t i = 0; i < p->endpoints.count; i++) {
                uint32_t e = p->first_endpoint + i;
                if (!endpoint_may_serve(t->model, t->model->endpoints[e], t->family))
                        continue;
                drained |= t->snapshot->steering->states[e].drained;
                down |= !t->snapshot->steering->states[e].drained;
        }
        return drained && down ? "its endpoints are down or drained"
               : drained       ? "drained"
                               : "all its endpoints are down";
}

static void tell_pools(struct telling *t, const struct route *r, uint32_t slot, const struct choice *c)
{
        static const char *const balances[] = {"weighted", "round_robin", "failover"};
        struct doc *order = doc_add_list(t->arena, t->out, "order"), *list = doc_add_list(t->arena, t->out, "pools");
        uint32_t *pools = ARENA_ARRAY(t->arena, uint32_t, r->policy->pools.count);
        uint32_t count = route_order(t->model, r, slot, pools);

        for (uint32_t i = 0; i < count; i++) {
                const struct pool *p = &t->model->pools[pools[i]];
                const struct pool_tables *tables = &t->snapshot->steering->pools[pools[i]];
                bool used = c->pool == pools[i];
                const struct picker *picker = used ? c->picker : tables->usable[t->family];
                struct doc *d = doc_add_map(t->arena, list, NULL);
                doc_add_string(t->arena, order, NULL, p->name);
                doc_add_string(t->arena, d, "name", p->name);
                doc_add_string(t->arena, d, "region", p->region_name);
                doc_add_string(t->arena, d, "balance", balances[p->balance]);
                doc_add_bool(t->arena, d, "used", used);
                doc_add_string(t->arena, d, "reason", pool_reason(t, pools[i], c));
                struct doc *endpoints = doc_add_list(t->arena, d, "endpoints");
                for (uint32_t e = 0; e < p->endpoints.count; e++)
                        tell_endpoint(t, endpoints, p->first_endpoint + e, picker);
        }
}

static void tell_pick(struct telling *t, const struct node *n, uint16_t type)
{
        struct picker_state state = {0};
        struct doc *answer = doc_add_list(t->arena, t->out, "answer");
        struct pick pick;

        random_seed_system(&state.random);
        route_pick(n->route, type, &t->client, &state, &pick);
        for (unsigned i = 0; i < pick.count; i++)
                doc_add_string(t->arena, answer, NULL, t->model->endpoints[pick.targets[i]->endpoint]->address_text);
        doc_add_int(t->arena, t->out, "ttl", n->route_ttl);
        doc_add_int(t->arena, t->out, "scope", pick.scope);
}

static void tell_service(struct telling *t, const struct node *n, uint16_t type)
{
        static const char *const steerings[] = {"geo"};
        const struct route *r = n->route;
        uint32_t slot = r->slots > 1 ? t->client.class : 0,
                 order_slot = t->model->count[KIND_REGIONS] ? t->client.class : 0;
        const struct service *s = &t->model->services[n->service];
        struct doc *d = doc_add_map(t->arena, t->out, "service");

        doc_add_string(t->arena, d, "name", s->name);
        doc_add_string(t->arena, d, "steering", steerings[s->steering]);
        doc_add_bool(t->arena, d, "enabled", s->enabled);
        tell_location(t);
        tell_pools(t, r, order_slot, r->choices[slot * FAMILY_COUNT + t->family]);
        tell_pick(t, n, type);
}

static void tell_static(struct telling *t, const struct node *n, uint16_t type)
{
        const struct rrset *set = n ? node_rrset(n, type) : NULL;

        doc_add_string(t->arena, t->out, "result",
                       !n    ? "the name does not exist (NXDOMAIN)"
                       : set ? "static records of the zone, the same for every client"
                             : "the name exists without records of this type (NODATA)");
        if (set)
                doc_add_int(t->arena, t->out, "ttl", set->ttl);
        doc_add_int(t->arena, t->out, "scope", 0);
}

struct doc *explain_answer(const struct snapshot *snapshot, const struct geo *geo, const char *name,
                           const char *type_text, const struct prefix *client, struct arena *a,
                           struct problems *problems)
{
        struct telling t = {
                .snapshot = snapshot, .model = snapshot->model, .geo = geo, .arena = a, .client.prefix = *client};
        uint8_t wire[NAME_WIRE_MAX];
        const char *why = "";
        char text[NAME_TEXT_MAX], prefix[PREFIX_TEXT_MAX];
        struct lookup found;
        unsigned length = name_parse(name, NULL, wire, &why);
        uint16_t type = rdata_type(type_text);

        if (!length)
                problems_add(problems, "name", 0, "expected a domain name, got \"%s\": %s", name, why);
        if (!type)
                problems_add(problems, "type", 0, "expected a record type such as A or AAAA, got \"%s\"", type_text);
        if (problems->count)
                return NULL;
        snapshot_lookup(snapshot, wire, length, &found);
        if (!found.zone) {
                problems_add(problems, "name", 0, "\"%s\" lies in none of the zones", name);
                return NULL;
        }
        const struct node *n = found.exact ? found.exact : found.wildcard;
        t.family = type == 28 ? FAMILY_AAAA : FAMILY_A;
        t.out = doc_new(a, DOC_MAP);
        client_locate(snapshot->locator, &t.client);
        doc_add_string(a, t.out, "name", name_format(wire, text));
        doc_add_string(a, t.out, "type", type_text);
        doc_add_string(a, t.out, "client", prefix_format(client, prefix));
        doc_add_int(a, t.out, "revision", (int64_t)snapshot->revision);
        if (n && n->route && (type == 1 || type == 28 || type == 5))
                tell_service(&t, n, type);
        else
                tell_static(&t, n, type);
        return t.out;
}
