/* What a service answers: its policy and pools, then a pick as a worker makes it. */
#include <string.h>
#include "zones/dns/numbers.h"
#include "zones/explain/explain_private.h"

static const char *joined(struct telling *t, const char *all, const char *more)
{
        return *all ? arena_printf(t->arena, "%s, %s", all, more) : more;
}

/* The addresses of a host name that is flattened, as text; NULL when there is nothing to answer. */
static const char *tell_flattened(struct telling *t, const struct node *n, const struct target *target)
{
        const struct address_set *set = target_addresses(target);
        const char *host = target_text(t, target), *all = "";

        if (!set) {
                story_add(t, "The addresses of %s are not known yet: SERVFAIL.", host);
                t->rcode = "SERVFAIL";
                return NULL;
        }
        uint32_t ttl = set->ttl < node_service(n)->ttl ? set->ttl : node_service(n)->ttl;
        bool v4 = t->type == TYPE_A;
        unsigned count = v4 ? set->v4_count : t->type == TYPE_AAAA ? set->v6_count : 0;
        for (unsigned i = 0; i < count; i++) {
                const char *text = rdata_text(t, t->type, v4 ? set->v4[i] : set->v6[i]);
                telling_answer(t, text, ttl);
                all = joined(t, all, text);
        }
        story_add(t, "Flattened from %s: %s, age %lld s%s.", host, *all ? all : "no data",
                  (long long)(t->question->now_ms - set->found_ms) / 1000,
                  set->stale ? ", stale: nobody answers for it" : "");
        return *all ? all : "no data";
}

static void tell_answered(struct telling *t, const struct node *n, const struct pick *pick, const char *all)
{
        story_add(t, "Answer this time: %s, for %u seconds, true for the client's /%u.",
                  t->rcode      ? t->rcode
                  : pick->count ? all
                                : "no data",
                  t->ttl < node_service(n)->ttl ? t->ttl : node_service(n)->ttl, pick->scope);
}

static enum told tell_pick(struct telling *t, const struct node *n)
{
        struct picker_state *state = ARENA_NEW(t->arena, struct picker_state);
        const char *all = "";
        struct pick pick;

        random_seed(&state->random, t->question->seed);
        route_pick(node_route(n), t->type, &t->client, state, &pick);
        telling_scope(t, pick.scope);
        if (pick.rcode)
                t->rcode = "SERVFAIL";
        if (pick.ede)
                t->extended_error = pick.ede_text;
        bool host = pick.count && pick.targets[0]->type == TYPE_CNAME;
        if (host && n->flags & NODE_FLATTEN) {
                all = tell_flattened(t, n, pick.targets[0]);
        } else {
                for (unsigned i = 0; i < pick.count; i++) {
                        const char *text = target_text(t, pick.targets[i]);
                        telling_answer(t, text, node_service(n)->ttl);
                        all = joined(t, all, text);
                }
        }
        tell_answered(t, n, &pick, all);
        if (host && !(n->flags & NODE_FLATTEN) && t->type != TYPE_CNAME)
                return telling_follow(t, pick.targets[0]->rdata);
        return pick.count || pick.rcode ? TOLD_ALL : TOLD_NOTHING;
}

enum told tell_service(struct telling *t, const struct node *n)
{
        const struct service *s = t->model->services[node_service(n)->number];
        struct doc *d = doc_add_map(t->arena, t->out, "service");
        const struct bindings *bindings = node_bindings(n, t->type);

        doc_add_string(t->arena, d, "name", s->name);
        tell_location(t);
        tell_route(t, s, d, t->out);
        doc_add_bool(t->arena, d, "enabled", s->enabled);
        if (!bindings)
                return tell_pick(t, n);
        tell_bindings(t, n, bindings);
        return TOLD_ALL;
}
