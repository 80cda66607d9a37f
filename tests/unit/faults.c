#include "tests/unit/faults.h"

#include <setjmp.h>
#include <stdint.h>
#include <sys/resource.h>
#include "base/arena.h"
#include "tests/unit/must.h"

#define STORE_LEAST ((rlim_t)3 * 4096)

void fault_disk_full(bool full)
{
        struct rlimit limit;

        must_hold(getrlimit(RLIMIT_FSIZE, &limit) == 0);
        limit.rlim_cur = full ? STORE_LEAST : limit.rlim_max;
        must_hold(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

static size_t left;        /* atomic; 0: all there is */
static unsigned shortened; /* atomic */

void fault_memory_ends(size_t after)
{
        __atomic_store_n(&left, after, __ATOMIC_SEQ_CST);
}

unsigned fault_memory_short(void)
{
        return __atomic_exchange_n(&shortened, 0, __ATOMIC_SEQ_CST);
}

jmp_buf *__real_arena_on_failure(struct arena *, jmp_buf *) __attribute__((weak));
jmp_buf *__wrap_arena_on_failure(struct arena *, jmp_buf *);

/* An owner that copes tells so at the beginning, and that it does no more at the end. */
jmp_buf *__wrap_arena_on_failure(struct arena *a, jmp_buf *failure)
{
        size_t more = __atomic_load_n(&left, __ATOMIC_SEQ_CST);

        if (more && failure)
                __atomic_fetch_add(&shortened, 1, __ATOMIC_SEQ_CST);
        if (more)
                arena_limit(a, failure ? arena_size(a) + more : SIZE_MAX);
        return __real_arena_on_failure(a, failure);
}
