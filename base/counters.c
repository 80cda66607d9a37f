#include "base/counters.h"

#include <stdlib.h>
#include <string.h>
#include "base/log.h"

static struct counters *blocks; /* newest first; only ever grows */

#define COUNTERS_NAME(id, name, help) name,
#define COUNTERS_HELP(id, name, help) help,
static const char *const names[] = {COUNTERS(COUNTERS_NAME)};
static const char *const helps[] = {COUNTERS(COUNTERS_HELP)};

struct counters *counters_register(void)
{
        struct counters *block = aligned_alloc(_Alignof(struct counters), sizeof(*block));

        if (!block) {
                log_error("memory", "out of memory");
                abort();
        }
        memset(block, 0, sizeof(*block));
        block->next = __atomic_load_n(&blocks, __ATOMIC_RELAXED);
        while (!__atomic_compare_exchange_n(&blocks, &block->next, block, 0, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
                ;
        return block;
}

void counters_sum(uint64_t out[COUNTER_COUNT])
{
        memset(out, 0, COUNTER_COUNT * sizeof(*out));
        for (struct counters *b = __atomic_load_n(&blocks, __ATOMIC_ACQUIRE); b; b = b->next)
                for (int i = 0; i < COUNTER_COUNT; i++)
                        out[i] += __atomic_load_n(&b->values[i], __ATOMIC_RELAXED);
}

const char *counter_name(enum counter which)
{
        return names[which];
}

const char *counter_help(enum counter which)
{
        return helps[which];
}
