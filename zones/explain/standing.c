#include "zones/explain/standing.h"

#include <string.h>
#include "zones/steering/steering_tables.h"

const char *const stand_names[] = {STANDS(NAMED_TEXT) NULL};

/* Orders of pools, of one service: more tell nobody anything, and each is a look at all classes. */
#define TOLD_MOST 32

static const enum family families[] = {FAMILY_A, FAMILY_AAAA}; /* a host name stands in both */
static const char *const types[] = {"A", "AAAA"};

/* --- one order of pools --- */

/* How clients of a slot stand, and through which pool that is so. */
struct slot_stand {
        enum stand stand;
        const struct choice *choice;
        const struct pool_live *first; /* that would serve them, and does not; NULL: none */
        enum verdict_of_pool why;      /* with `first` */
};

/* What somebody configured so is no reason to worry. */
static bool is_missed(enum verdict_of_pool verdict)
{
        return verdict == POOL_DRAINED || verdict == POOL_DOWN || verdict == POOL_TOO_FEW || verdict == POOL_HELD;
}

static bool has_little(const struct choice *c)
{
        if (c->kind == CHOICE_POOL)
                return c->pool->healthy * 2 < c->pool->enabled;
        for (uint32_t i = 0; i < c->count; i++)
                if (choice_pools(c)[i]->healthy * 2 < choice_pools(c)[i]->enabled)
                        return true;
        return false;
}

/* The first of the order that should serve and does not; of those that share, any with a weight. */
static void find_missed(const struct steering *t, const struct route *r, uint32_t slot, enum family f,
                        struct slot_stand *s)
{
        uint16_t order[SERVICE_POOLS_MAX];
        uint32_t limit = route_order(t, r, slot, order);

        for (uint32_t i = 0; i < limit; i++) {
                enum verdict_of_pool verdict = route_verdict(t, r, s->choice, order[i], false, f);
                bool shares = route_shares_by_weight(r);
                if (is_missed(verdict) && (!shares || member_weight(r, order[i]))) {
                        s->first = r->pools[order[i]].live;
                        s->why = verdict;
                        return;
                }
                if (!shares && verdict == POOL_USED)
                        return;
        }
}

static struct slot_stand stand_of_slot(const struct steering *t, const struct route *r, uint32_t slot, int family)
{
        enum family f = families[family];
        struct slot_stand s = {.stand = STAND_WELL};

        if (!route_face(r)->choices[f])
                return s;
        s.choice = route_face(r)->choices[f][slot];
        if (s.choice->why == WAITING) {
                s.stand = STAND_WAITING;
                return s;
        }
        if (s.choice->kind == CHOICE_NOTHING && s.choice->why == ALL_UP_ENOUGH)
                return s;
        find_missed(t, r, slot, f, &s);
        s.stand = s.choice->why != ALL_UP_ENOUGH ? STAND_NOTHING
                  : s.first                      ? STAND_ELSEWHERE
                  : has_little(s.choice)         ? STAND_LITTLE
                                                 : STAND_WELL;
        return s;
}

/* --- a service --- */

/* All of it is up: then there is nothing to look for. */
static bool pool_is_well(const struct pool_live *p)
{
        if (p->back_ms != FAILBACK_NOT_HELD || p->healthy != p->enabled || !p->enough || pool_face(p)->nested)
                return false;
        for (int i = 0; i < 2; i++) {
                const struct reach *reach = &p->reach[families[i]];
                if (reach->has != reach->available || reach->waiting)
                        return false;
        }
        return true;
}

static bool route_is_well(const struct route *r)
{
        for (uint32_t i = 0; i < r->pool_count; i++)
                if (!pool_is_well(r->pools[i].live))
                        return false;
        return true;
}

enum stand service_stand(const struct steering *t, uint32_t service, uint32_t *looks)
{
        const struct route *r = steering_route_of_service(t, service);
        enum stand worst = STAND_WELL;

        *looks += 1;
        if (!r || route_is_well(r))
                return STAND_WELL;
        for (uint32_t slot = 0; slot < route_face(r)->view->slot_count; slot++)
                for (int i = 0; i < 2; i++) {
                        enum stand one = stand_of_slot(t, r, slot, i).stand;
                        worst = one > worst ? one : worst;
                        *looks += r->pool_count;
                }
        return worst;
}

void pool_stand(const struct steering *t, uint32_t pool, uint32_t *up, uint32_t *endpoints)
{
        *up = t->pools[pool]->healthy;
        *endpoints = t->pools[pool]->enabled;
}

/* --- telling --- */

static const char *why_text(const struct slot_stand *s)
{
        switch (s->why) {
        case POOL_DRAINED:
                return "drained";
        case POOL_DOWN:
                return "down";
        case POOL_TOO_FEW:
                return "too few are up";
        case POOL_HELD:
                return "held until its failback";
        default:
                return NULL;
        }
}

static const char *all_down_text(const struct choice *c)
{
        switch ((enum all_down)c->why) {
        case ALL_UP_ENOUGH:
                break;
        case ALL_DOWN_SERVE_DRAINED:
                return "drained ones that are up";
        case ALL_DOWN_SERVE_ALL:
                return "what is down";
        case ALL_DOWN_LAST_RESORT:
                return "the pool of the last resort";
        case ALL_DOWN_FALLBACK:
                return "the fallback address";
        case ALL_DOWN_NODATA:
                return "no address";
        case ALL_DOWN_SERVFAIL:
                return "SERVFAIL";
        case WAITING:
                return "no answer";
        }
        return NULL;
}

static void tell_served_by(const struct choice *c, struct arena *a, struct doc *d)
{
        struct doc *list = doc_add_list(a, d, "served_by");

        if (!c)
                return;
        if (c->kind == CHOICE_POOL)
                doc_add_string(a, list, NULL, c->pool->pool->name);
        for (uint32_t i = 0; c->kind != CHOICE_POOL && i < c->count; i++)
                doc_add_string(a, list, NULL, choice_pools(c)[i]->pool->name);
}

/* Regions some of whose clients have this slot; none: everyone's. */
static void tell_regions(const struct steering *t, const struct view *v, uint32_t slot, struct arena *a, struct doc *d)
{
        bool *named = ARENA_ARRAY(a, bool, t->regions + 1);

        if (v->slot_count == 1) {
                doc_add(d, "regions", doc_new(a, DOC_NULL));
                return;
        }
        struct doc *list = doc_add_list(a, d, "regions");
        for (uint32_t class = 0; class < classes_count(t->classes); class ++) {
                uint32_t region = classes_get(t->classes, class)->region;
                if (v->slot_of[class] != slot || region == MODEL_NONE || named[region])
                        continue;
                named[region] = true;
                doc_add_string(a, list, NULL, t->model->regions[region]->name);
        }
}

static void tell_slot(const struct steering *t, const struct route *r, uint32_t slot, int family,
                      const struct slot_stand *s, struct arena *a, struct doc *list)
{
        struct doc *d = doc_new(a, DOC_MAP);

        doc_add_string(a, d, "type", types[family]);
        tell_regions(t, route_face(r)->view, slot, a, d);
        const struct doc *regions = doc_get(d, "regions");
        if (regions->type == DOC_LIST && !regions->count)
                return; /* nobody's order just now */
        doc_add_string(a, d, "state", stand_names[s->stand]);
        tell_served_by(s->choice, a, d);
        doc_add_string(a, d, "gets", s->choice ? all_down_text(s->choice) : NULL);
        doc_add_string(a, d, "instead_of", s->first ? s->first->pool->name : NULL);
        doc_add_string(a, d, "why", s->first ? why_text(s) : NULL);
        doc_add(list, NULL, d);
}

struct doc *service_stand_tell(const struct steering *t, uint32_t service, bool all, struct arena *a)
{
        const struct route *r = steering_route_of_service(t, service);
        struct doc *d = doc_new(a, DOC_MAP);
        uint32_t looks = 0, up = 0, endpoints = 0;

        for (uint32_t i = 0; r && i < r->pool_count; i++) {
                up += r->pools[i].live->healthy;
                endpoints += r->pools[i].live->enabled;
        }
        doc_add_string(a, d, "name", t->model->services[service]->name);
        doc_add_string(a, d, "state", r ? stand_names[service_stand(t, service, &looks)] : "disabled");
        doc_add_int(a, d, "up", up);
        doc_add_int(a, d, "endpoints", endpoints);
        struct doc *list = doc_add_list(a, d, "clients");
        for (uint32_t slot = 0; r && slot < route_face(r)->view->slot_count; slot++)
                for (int i = 0; i < 2 && list->count < TOLD_MOST; i++) {
                        const struct slot_stand s = stand_of_slot(t, r, slot, i);
                        if (s.stand != STAND_WELL || (all && s.choice))
                                tell_slot(t, r, slot, i, &s, a, list);
                }
        return d;
}
