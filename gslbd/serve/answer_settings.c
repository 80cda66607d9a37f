#include "gslbd/serve/answer_settings.h"

#include <stdlib.h>
#include "base/memory.h"
#include "base/rcu.h"

struct published {
        const struct answer_settings *settings;
        struct arena *arena;
};

static struct published *current;

static void release(void *thing)
{
        struct published *p = thing;

        arena_free(p->arena);
        free(p);
}

void answer_settings_publish(const struct answer_settings *settings, struct arena *arena)
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

const struct answer_settings *answer_settings_current(void)
{
        return rcu_get(current)->settings;
}
