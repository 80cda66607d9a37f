#include "zones/explain/explain.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "zones/explain/explain_private.h"
#include "zones/dns/name.h"
#include "zones/dns/numbers.h"
#include "zones/dns/rdata.h"

#define SENTENCE_MAX 2000

void story_add(struct telling *t, const char *format, ...)
{
        char text[SENTENCE_MAX];
        va_list args;

        va_start(args, format);
        vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        doc_add_string(t->arena, t->story, NULL, text);
}

/* --- the pick --- */

const char *target_text(struct telling *t, const struct target *target)
{
        struct address address = {.family = target->type == TYPE_A ? ADDRESS_V4 : ADDRESS_V6};
        char text[NAME_TEXT_MAX];

        if (target->type == TYPE_CNAME)
                return arena_strdup(t->arena, name_format(target->rdata, text));
        memcpy(address.bytes, target->rdata, target->rdata_length);
        return arena_strdup(t->arena, address_format(&address, text));
}

/* The addresses of a host name that is flattened, as text; NULL when there is nothing to answer. */
static const char *tell_flattened(struct telling *t, const struct node *n, const struct target *target, uint16_t type,
                                  struct doc *answer, uint32_t *ttl)
{
        const struct address_set *set = steering_addresses(t->steering, target->endpoint);
        const char *host = target_text(t, target), *all = "";

        if (!set) {
                story_add(t, "The addresses of %s are not known yet: SERVFAIL.", host);
                return NULL;
        }
        unsigned count = type == TYPE_A ? set->v4_count : type == TYPE_AAAA ? set->v6_count : 0;
        for (unsigned i = 0; i < count; i++) {
                const struct target address = {.type = type,
                                               .rdata_length = type == TYPE_A ? 4 : 16,
                                               .rdata = type == TYPE_A ? set->v4[i] : set->v6[i]};
                const char *text = target_text(t, &address);
                doc_add_string(t->arena, answer, NULL, text);
                all = arena_printf(t->arena, "%s%s%s", all, i ? ", " : "", text);
        }
        *ttl = set->ttl < n->route_ttl ? set->ttl : n->route_ttl;
        all = *all ? all : "no data";
        story_add(t, "Flattened from %s: %s, age %lld s.", host, all,
                  (long long)((int64_t)clock_ms() - set->found_ms) / 1000);
        return all;
}

static void tell_pick(struct telling *t, const struct node *n, uint16_t type)
{
        struct picker_state *state = ARENA_NEW(t->arena, struct picker_state);
        struct doc *answer = doc_add_list(t->arena, t->out, "answer");
        const char *all = "";
        uint32_t ttl = n->route_ttl;
        bool flattened = false;
        struct pick pick;

        random_seed_system(&state->random);
        route_pick(n->route, type, &t->client, state, &pick);
        if (pick.count && pick.targets[0]->type == TYPE_CNAME && n->flags & NODE_FLATTEN) {
                all = tell_flattened(t, n, pick.targets[0], type, answer, &ttl);
                pick.rcode = all ? 0 : RCODE_SERVFAIL;
                flattened = true;
        }
        for (unsigned i = 0; !flattened && i < pick.count; i++) {
                const char *text = target_text(t, pick.targets[i]);
                doc_add_string(t->arena, answer, NULL, text);
                all = arena_printf(t->arena, "%s%s%s", all, i ? ", " : "", text);
        }
        doc_add_string(t->arena, t->out, "rcode", pick.rcode ? "SERVFAIL" : "NOERROR");
        if (pick.ede)
                doc_add_string(t->arena, t->out, "extended_error", pick.ede_text);
        doc_add_int(t->arena, t->out, "ttl", ttl);
        doc_add_int(t->arena, t->out, "scope", pick.scope);
        story_add(t, "Answer this time: %s, for %u seconds, true for the client's /%u.",
                  pick.rcode   ? "SERVFAIL"
                  : pick.count ? all
                               : "no data",
                  ttl, pick.scope);
}

/* --- the name --- */

static void tell_service(struct telling *t, const struct node *n, uint16_t type)
{
        const struct service *s = &t->model->services[n->service];
        struct doc *d = doc_add_map(t->arena, t->out, "service");

        doc_add_string(t->arena, d, "name", s->name);
        tell_location(t);
        tell_route(t, n->route, d, t->out);
        doc_add_bool(t->arena, d, "enabled", s->enabled);
        if (node_bindings(n, type))
                tell_bindings(t, node_bindings(n, type), type);
        else
                tell_pick(t, n, type);
}

static void tell_static(struct telling *t, const struct node *n, uint16_t type)
{
        const struct rrset *set = n ? node_rrset(n, type) : NULL;
        const char *result = !n    ? "the name does not exist (NXDOMAIN)"
                             : set ? "static records of the zone, the same for every client"
                             : n->service != MODEL_NONE && !n->route
                                     ? "the service is disabled: the name exists without addresses (NODATA)"
                                     : "the name exists without records of this type (NODATA)";

        doc_add_string(t->arena, t->out, "result", result);
        story_add(t, "Result: %s.", result);
        if (set)
                doc_add_int(t->arena, t->out, "ttl", set->ttl);
        doc_add_int(t->arena, t->out, "scope", 0);
}

struct doc *explain_answer(const struct snapshot *snapshot, const struct geo *geo, const char *name,
                           const char *type_text, const struct prefix *client, struct arena *a,
                           struct problems *problems)
{
        struct telling t = {.snapshot = snapshot,
                            .model = snapshot->model,
                            .steering = snapshot->steering,
                            .geo = geo,
                            .arena = a,
                            .client.prefix = *client};
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
        t.family = type == TYPE_AAAA ? FAMILY_AAAA : type == TYPE_CNAME ? FAMILY_CNAME : FAMILY_A;
        t.out = doc_new(a, DOC_MAP);
        t.story = doc_new(a, DOC_LIST);
        client_locate(snapshot->locator, &t.client);
        t.class = classes_get(snapshot->steering->classes, t.client.class);
        doc_add_string(a, t.out, "name", name_format(wire, text));
        doc_add_string(a, t.out, "type", type_text);
        doc_add_string(a, t.out, "client", prefix_format(client, prefix));
        doc_add_int(a, t.out, "revision", (int64_t)snapshot->revision);
        story_add(&t, "%s %s at revision %llu.", text, type_text, (unsigned long long)snapshot->revision);
        if (n && n->route && (type == TYPE_A || type == TYPE_AAAA || type == TYPE_CNAME || node_bindings(n, type)))
                tell_service(&t, n, type);
        else
                tell_static(&t, n, type);
        doc_add(t.out, "story", t.story);
        return t.out;
}
