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

struct rcu_grace {
        unsigned holders; /* who began it, and liburcu until it is over */
        bool over;
};

static void grace_unref(struct rcu_grace *g)
{
        if (!__atomic_sub_fetch(&g->holders, 1, __ATOMIC_ACQ_REL))
                free(g);
}

static void grace_ends(void *grace)
{
        struct rcu_grace *g = grace;

        __atomic_store_n(&g->over, true, __ATOMIC_RELEASE);
        grace_unref(g);
}

struct rcu_grace *rcu_grace_begin(void)
{
        struct rcu_grace *g = memory_alloc(sizeof(*g));

        g->holders = 2;
        rcu_retire(g, grace_ends);
        return g;
}

bool rcu_grace_over(const struct rcu_grace *g)
{
        return __atomic_load_n(&g->over, __ATOMIC_ACQUIRE);
}

void rcu_grace_wait(struct rcu_grace *g)
{
        if (rcu_grace_over(g))
                return;
        synchronize_rcu();
        RCU_TOLD_ALL_OVER();
}

void rcu_grace_free(struct rcu_grace *g)
{
        if (g)
                grace_unref(g);
}
