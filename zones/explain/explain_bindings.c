/* SVCB and HTTPS records of a service (RFC 9460), with the hints that the client would get. */
#include <stdio.h>
#include <string.h>
#include "zones/explain/explain_private.h"
#include "zones/dns/numbers.h"
#include "zones/dns/rdata.h"

static const char *add_hint(struct telling *t, const char *text, const char *name, uint16_t type, const uint8_t *rdata)
{
        return name ? arena_printf(t->arena, "%s %s=%s", text, name, rdata_text(t, type, rdata))
                    : arena_printf(t->arena, "%s,%s", text, rdata_text(t, type, rdata));
}

static const char *with_hint(struct telling *t, const char *text, const struct node *target, uint16_t type,
                             struct picker_state *state)
{
        const char *name = type == TYPE_A ? "ipv4hint" : "ipv6hint";
        struct pick pick;

        route_pick(node_route(target), type, &t->client, state, &pick);
        telling_scope(t, pick.scope);
        if (pick.rcode)
                return text;
        if (pick.count && pick.targets[0]->type == TYPE_CNAME && target->flags & NODE_FLATTEN) {
                const struct address_set *set = target_addresses(pick.targets[0]);
                unsigned count = !set ? 0 : type == TYPE_A ? set->v4_count : set->v6_count;
                for (unsigned i = 0; i < count; i++)
                        text = add_hint(t, text, i ? NULL : name, type, type == TYPE_A ? set->v4[i] : set->v6[i]);
        }
        for (unsigned i = 0; i < pick.count && pick.targets[i]->type == type; i++)
                text = add_hint(t, text, i ? NULL : name, type, pick.targets[i]->rdata);
        return text;
}

static const char *why_no_hints(const struct binding *b)
{
        return !b->priority ? "AliasMode has no hints"
               : !b->hints  ? "its hints are switched off"
                            : "its target is no service of ours, so it has no hints";
}

void tell_bindings(struct telling *t, const struct node *n, const struct bindings *set)
{
        struct picker_state *state = ARENA_NEW(t->arena, struct picker_state);
        const struct service *s = t->model->services[node_service(n)->number];
        const struct binding *items = t->type == TYPE_SVCB ? s->svcb.items : s->https.items;
        char type_name[24];

        random_seed_system(&state->random);
        rdata_type_name(t->type, type_name, sizeof(type_name));
        for (unsigned i = 0; i < set->count; i++) {
                const struct binding *b = &items[i];
                const struct node *service = snapshot_target(t->snapshot, n, &set->list[i]);
                const struct node *target = service && node_route(service) ? service : NULL;
                const char *text = arena_printf(t->arena, "%d %s%s%s", (int)b->priority, b->target,
                                                *b->params ? " " : "", b->params);
                if (target) {
                        text = with_hint(t, text, target, TYPE_A, state);
                        text = with_hint(t, text, target, TYPE_AAAA, state);
                }
                telling_answer(t, text, binding_ttl(n, service));
                story_add(t, "%s record this time: %s%s%s.", type_name, text, target ? "" : "; ",
                          target ? ", hints by the choice above" : why_no_hints(b));
        }
}
