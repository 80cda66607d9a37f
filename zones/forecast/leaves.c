/* The readers' walk of steering_pick.c, along all ways at once. */
#include "base/memory.h"
#include "zones/forecast/forecast_private.h"

struct walk {
        const struct forecast_side *side;
        enum family family;
        uint32_t class;
        struct leaves *out;
};

static void add_leaf(struct leaves *out, const struct leaf *leaf)
{
        if (out->count == out->room) {
                out->room = out->room ? 2 * out->room : 16;
                out->list = memory_resize(out->list, out->room * sizeof(*out->list));
        }
        out->list[out->count++] = *leaf;
        out->hashed |= leaf->picker && picker_mode(leaf->picker) == PICKER_HASHED;
}

/* Nothing because all is down; else there is no such type, which is no answer to anybody. */
static void walk_nothing(const struct walk *w, double share, bool stand_in)
{
        if (stand_in)
                add_leaf(w->out, &(struct leaf){.share = share, .stand_in = true});
}

static void walk_route(const struct walk *, const struct route *, double share, bool stand_in, unsigned depth);

static void walk_pool(const struct walk *w, const struct pool_live *pool, double share, bool stand_in, unsigned depth)
{
        const struct pool_face *face = pool_face_at(pool, w->side->version);
        const struct picker *picker = rcu_get(face->pickers[w->family]);

        if (picker)
                add_leaf(w->out, &(struct leaf){pool, face, picker, share, stand_in});
        else if (face->nested)
                walk_route(w, face->nested, share, stand_in, depth + 1);
        else
                walk_nothing(w, share, stand_in);
}

static void walk_choice(const struct walk *w, const struct choice *c, double share, bool stand_in, unsigned depth)
{
        double total = 0;

        switch ((enum choice_kind)c->kind) {
        case CHOICE_POOL:
                walk_pool(w, c->pool, share, stand_in, depth);
                return;
        case CHOICE_SPLIT:
                for (uint32_t i = 0; i < c->count; i++)
                        total += choice_shares(c)[i];
                for (uint32_t i = 0; i < c->count; i++)
                        walk_pool(w, choice_pools(c)[i], share * choice_shares(c)[i] / total, stand_in, depth);
                return;
        case CHOICE_ROTATE:
                for (uint32_t i = 0; i < c->count; i++)
                        walk_pool(w, choice_pools(c)[i], share / c->count, stand_in, depth);
                return;
        case CHOICE_PICKER:
                add_leaf(w->out, &(struct leaf){.picker = c->picker, .share = share, .stand_in = true});
                return;
        case CHOICE_NOTHING:
                break;
        }
        walk_nothing(w, share, stand_in);
}

static void walk_route(const struct walk *w, const struct route *r, double share, bool stand_in, unsigned depth)
{
        const struct route_face *face = route_face_at(r, w->side->version);

        if (depth > SERVICE_DEPTH_MAX || !face->choices[w->family])
                return;
        const struct choice *c = rcu_get(face->choices[w->family][face->view->slot_of[w->class]]);
        walk_choice(w, c, share, stand_in || c->why != ALL_UP_ENOUGH, depth);
}

void leaves_find(const struct forecast_side *side, const struct route *r, enum family family, uint32_t class,
                 struct leaves *out)
{
        const struct walk w = {side, family, class, out};

        out->count = 0;
        out->hashed = false;
        if (r)
                walk_route(&w, r, 1, false, 0);
}
