/* Looking things up in gdnsd's configuration. */
#include <strings.h>
#include "admin/ctl/moving/gdnsd_private.h"

const struct doc *gdnsd_param(const struct gdnsd_levels *levels, const char *name)
{
        for (unsigned i = levels->count; i-- > 0;) {
                const struct doc *one = levels->level[i];
                const struct doc *found = one && one->type == DOC_MAP ? doc_get(one, name) : NULL;
                if (found)
                        return found;
        }
        return NULL;
}

struct gdnsd_levels gdnsd_within(struct gdnsd_levels levels, const struct doc *level)
{
        if (levels.count < GDNSD_DEPTH)
                levels.level[levels.count++] = level;
        return levels;
}

const char *gdnsd_place(struct gdnsd *g, const struct doc *d)
{
        char path[500];

        return arena_printf(g->m->arena, "config: %s", doc_path(d, path, sizeof(path)));
}

bool gdnsd_true(const struct doc *d)
{
        return d && d->type == DOC_STRING && !strcasecmp(d->string, "true");
}
