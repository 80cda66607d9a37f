#include "gslbd/serve/serve_settings.h"

#include <stdlib.h>
#include "base/memory.h"
#include "base/rcu.h"

struct published {
        const struct serve_settings *settings;
        struct arena *arena;
};

static struct published *current;

static void release(void *thing)
{
        struct published *p = thing;

        arena_free(p->arena);
        free(p);
}

void serve_settings_publish(const struct serve_settings *settings, struct arena *arena)
{
        struct published *old = current, *new = NULL;

        if (settings) {
                new = memory_alloc(sizeof(*new));
                *new = (struct published){settings, arena};
        }
        rcu_put(current, new);
        if (old)
                rcu_retire(old, release);
}

const struct serve_settings *serve_settings_current(void)
{
        return rcu_get(current)->settings;
}
