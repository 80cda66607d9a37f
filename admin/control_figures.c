#include "admin/control_figures.h"

#include <stdlib.h>
#include "base/hash.h"
#include "base/memory.h"

struct figures_table {
        struct map *told; /* by endpoint id: struct figures *, owned */
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

void figures_set(struct figures_table *t, const char *id, const struct figures *figures)
{
        struct figures *copy = memory_alloc(sizeof(*copy));

        *copy = *figures;
        free(map_set(t->told, id, copy));
}

static bool put(float *at, float value)
{
        bool changed = *at < value || *at > value;

        *at = value;
        return changed;
}

bool figures_into(struct figures_table *t, const struct model *m, uint64_t now_ms, struct endpoint_state *states)
{
        static const struct figures nothing = {-1, -1, -1, -1, 0};
        bool changed = false;
        const char *id;
        void *value;

        for (size_t at = 0; map_next(t->told, &at, &id, &value);) {
                const struct figures *told = value;
                uint32_t number = endpoint_number(m, id);
                if (number == MODEL_NONE)
                        continue;
                if (told->until_ms <= now_ms)
                        told = &nothing;
                changed |= put(&states[number].load, told->load);
                changed |= put(&states[number].errors, told->errors);
                changed |= put(&states[number].cpu, told->cpu);
                changed |= put(&states[number].memory, told->memory);
        }
        return changed;
}
