/* The readers' side of steering: from a client to endpoints. Any thread inside a QSBR section; constant time, no lock,
 * no allocation. */
#include "base/rcu.h"
#include "zones/dns/numbers.h"
#include "zones/steering/steering_tables.h"

#define WALKS_MAX 4 /* each but the last met a change */

static const char *const all_down_text[] = {
        [ALL_UP_ENOUGH] = "",
        [ALL_DOWN_SERVE_DRAINED] = "all endpoints are down or drained: serving drained ones that are up",
        [ALL_DOWN_SERVE_ALL] = "all endpoints are down: serving all of a pool",
        [ALL_DOWN_LAST_RESORT] = "all endpoints are down: serving the pool of last resort",
        [ALL_DOWN_FALLBACK] = "all endpoints are down: serving the fallback address",
        [ALL_DOWN_NODATA] = "all endpoints are down: no data",
        [ALL_DOWN_SERVFAIL] = "all endpoints are down",
        [WAITING] = "the first checks of its endpoints are not done yet",
};

/* The rare ones, out of the way. */
static __attribute__((noinline, cold)) void tell_all_down(const struct choice *choice, struct pick *pick)
{
        pick->waiting = choice->why == WAITING;
        pick->ede = (pick->waiting ? EDE_NOT_READY : EDE_OTHER) + 1;
        pick->ede_text = all_down_text[choice->why];
        if (choice->why == ALL_DOWN_SERVFAIL || pick->waiting)
                pick->rcode = RCODE_SERVFAIL;
}

/* RFC 2181 10.1: a CNAME stands alone, so the first answer decides which kind the reply has. */
static __attribute__((noinline, cold)) void keep_one_kind(struct pick *pick)
{
        unsigned n = 1;

        if (pick->targets[0]->type != TYPE_CNAME)
                for (unsigned i = 1; i < pick->count; i++)
                        if (pick->targets[i]->type != TYPE_CNAME)
                                pick->targets[n++] = pick->targets[i];
        pick->count = n;
}

static const struct pool_live *pool_of(const struct route_face *r, const struct choice *choice,
                                       struct picker_state *state)
{
        switch ((enum choice_kind)choice->kind) {
        case CHOICE_POOL:
                return choice->pool;
        case CHOICE_SPLIT:
                return choice_pools(choice)[alias_draw(choice_alias(choice), choice->count, &state->random)];
        case CHOICE_ROTATE:
                return choice_pools(choice)[state->rotors[r->rotor]++ % choice->count];
        case CHOICE_PICKER:
        case CHOICE_NOTHING:
                break;
        }
        return NULL;
}

/* One service on the way in, and what was chosen there. */
struct step {
        const struct route *route;
        const struct choice *choice;
};

static inline const struct choice *choice_at(const struct route_face *face, enum family family,
                                             const struct client *client)
{
        return rcu_get(face->choices[family][face->view->slot_of[client->class]]);
}

/* Whether another way is taken by now. The writer lets the outer ones look elsewhere before an inner one gives up, but
 * who had already passed them comes to the inner one all the same: having seen it give up, one sees here that they have
 * left it. From the outside in: where the outer one has come back meanwhile, so has the inner one. */
static __attribute__((noinline, cold)) bool way_changed(const struct step *steps, unsigned count, enum family family,
                                                        const struct client *client)
{
        for (unsigned i = 0; i < count; i++) {
                const struct route_face *face = route_face_at(steps[i].route, client->version);
                if (!face->choices[family] || choice_at(face, family, client) != steps[i].choice)
                        return true;
        }
        return false;
}

/* Returns false when it got little on a way that nobody takes any more. */
static bool pick_from(const struct route *route, enum family family, const struct client *client,
                      struct picker_state *state, struct pick *pick)
{
        struct step steps[SERVICE_DEPTH_MAX + 1];
        const struct route_face *r = route_face_at(route, client->version);
        bool little = false;
        unsigned depth = 0;

        while (depth <= SERVICE_DEPTH_MAX && r->choices[family]) {
                const struct choice *choice = choice_at(r, family, client);
                steps[depth++] = (struct step){route, choice};
                if (r->scoped && client->scope > pick->scope)
                        pick->scope = client->scope;
                if (choice->why != ALL_UP_ENOUGH) {
                        tell_all_down(choice, pick);
                        little = true;
                }
                const struct pool_live *pool = pool_of(r, choice, state);
                const struct pool_face *face = pool ? pool_face_at(pool, client->version) : NULL;
                const struct picker *picker = face                            ? rcu_get(face->pickers[family])
                                              : choice->kind == CHOICE_PICKER ? choice->picker
                                                                              : NULL;
                if (picker) {
                        picker_pick(picker, client, state, pick);
                        break;
                }
                little |= !face;
                if (!face || !face->nested)
                        break;
                route = face->nested;
                r = route_face_at(route, client->version);
        }
        return !little || depth < 2 || !way_changed(steps, depth, family, client);
}

static inline void pick_reset(struct pick *pick)
{
        pick->count = 0;
        pick->scope = 0;
        pick->rcode = 0;
        pick->waiting = false;
        pick->ede = 0;
        pick->ede_text = NULL;
}

void route_pick(const struct route *r, uint16_t type, const struct client *client, struct picker_state *state,
                struct pick *pick)
{
        enum family family = type == TYPE_A ? FAMILY_A : type == TYPE_AAAA ? FAMILY_AAAA : FAMILY_CNAME;
        unsigned tries = WALKS_MAX;

        do
                pick_reset(pick);
        while (!pick_from(r, family, client, state, pick) && --tries);
        if (pick->count > 1 && route_face_at(r, client->version)->choices[FAMILY_CNAME])
                keep_one_kind(pick);
}
