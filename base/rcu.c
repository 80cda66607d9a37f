#include "base/rcu.h"

#include <stdlib.h>
#include <urcu/call-rcu.h>
#include "base/memory.h"

#ifdef __SANITIZE_THREAD__
char rcu_grace_periods;
#endif

struct retired {
        struct rcu_head head;
        void *thing;
        void (*release)(void *);
};

static void release_retired(struct rcu_head *head)
{
        struct retired *r = caa_container_of(head, struct retired, head);

        RCU_TOLD_OVER(r);
        r->release(r->thing);
        free(r);
}

void rcu_retire(void *thing, void (*release)(void *))
{
        struct retired *r = memory_alloc(sizeof(*r));
        r->thing = thing;
        r->release = release;
        RCU_TOLD_RETIRED(r);
        call_rcu(&r->head, release_retired);
}

void rcu_drain(void)
{
        rcu_barrier();
}
