#include "admin/control/selection.h"

#include <string.h>

static bool selection_has_label(const struct strings *labels, const char *label)
{
        for (uint32_t i = 0; i < labels->count; i++)
                if (!strcmp(labels->items[i], label))
                        return true;
        return false;
}

bool selection_has(const struct selection *s, const struct model *m, const struct endpoint *e)
{
        const struct pool *p = &m->pools[e->pool];

        if (s->region && (!p->region_name || strcmp(p->region_name, s->region)))
                return false;
        if (s->pool && strcmp(p->name, s->pool))
                return false;
        if (s->label && !selection_has_label(&e->labels, s->label) && !selection_has_label(&p->labels, s->label))
                return false;
        return !s->cidr_text || prefix_contains(&s->cidr, &e->address);
}
