#include "admin/states/figures.h"

#include <stdlib.h>
#include "base/hash.h"
#include "base/memory.h"

struct figures_table {
        struct map *told; /* by endpoint id: struct told *, owned */
};

struct figures_table *figures_new(void)
{
        struct figures_table *t = memory_alloc(sizeof(*t));

        t->told = map_new();
        return t;
}

void figures_free(struct figures_table *t)
{
        const char *id;
        void *figures;

        if (!t)
                return;
        for (size_t at = 0; map_next(t->told, &at, &id, &figures);)
                free(figures);
        map_free(t->told);
        free(t);
}

struct told {
        struct told_figures pushed, checked;
};

static const struct told_figures nothing = {.figures = {{{-1, -1, -1, -1}}}};

static struct told *told_of(struct figures_table *t, const char *id)
{
        struct told *told = map_get(t->told, id);

        if (told)
                return told;
        told = memory_alloc(sizeof(*told));
        *told = (struct told){nothing, nothing};
        map_set(t->told, id, told);
        return told;
}

void figures_pushed(struct figures_table *t, const char *id, const struct told_figures *figures)
{
        told_of(t, id)->pushed = *figures;
}

void figures_checked(struct figures_table *t, const char *id, const struct verdict_figures *f, uint64_t until_ms)
{
        float weight = f->weight_percent > UINT8_MAX ? UINT8_MAX : f->weight_percent;

        told_of(t, id)->checked =
                (struct told_figures){.figures = f->figures,
                                      .until_ms = until_ms,
                                      .weight_percent = weight >= 1 ? (uint8_t)weight : 0,
                                      .drained = f->admin == ADMIN_DRAIN || (weight >= 0 && weight < 1)};
}

static bool figure_put(float *at, float value)
{
        bool changed = *at < value || *at > value;

        *at = value;
        return changed;
}

static float first_known(float a, float b)
{
        return a >= 0 ? a : b;
}

static bool put_agent(struct endpoint_state *s, uint8_t weight_percent, bool drained)
{
        bool changed = s->weight_percent != weight_percent || s->drained_by_agent != drained;

        s->weight_percent = weight_percent;
        s->drained_by_agent = drained;
        s->drained = s->drained_by_operator || drained;
        return changed;
}

void figures_into(struct figures_table *t, const struct model *m, uint64_t now_ms, struct endpoint_state *states,
                  struct steering *steering)
{
        const char *id, *gone = NULL;
        void *value;

        for (size_t at = 0; map_next(t->told, &at, &id, &value);) {
                struct told *told = value;
                uint32_t number = endpoint_number(m, id);
                if (told->pushed.until_ms <= now_ms)
                        told->pushed = nothing;
                if (told->checked.until_ms <= now_ms)
                        told->checked = nothing;
                const struct told_figures *pushed = &told->pushed, *checked = &told->checked;
                if (!pushed->until_ms && !checked->until_ms)
                        gone = id;
                if (number == MODEL_NONE)
                        continue;
                struct endpoint_state *s = &states[number];
                bool changed = false;
                for (unsigned i = 0; i < FIGURE_COUNT; i++)
                        changed |= figure_put(&s->figures.of[i],
                                              first_known(pushed->figures.of[i], checked->figures.of[i]));
                changed |= put_agent(s, checked->weight_percent, checked->drained);
                if (changed && steering)
                        steering_set(steering, number, s);
        }
        if (gone) /* one at a time: the walk is over */
                free(map_remove(t->told, gone));
}
