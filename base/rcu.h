/* base/rcu.h: the one place that knows liburcu (QSBR flavour).
 *
 * Readers (workers) register, read pointers with `rcu_get`, and call `rcu_quiet` between batches, when they hold
 * none; around a blocking system call they go offline. One writer publishes with `rcu_put` and frees what it
 * replaced with `rcu_retire` (any non-reader thread), after every reader was quiet once. */
#ifndef BASE_RCU_H
#define BASE_RCU_H

#include <urcu-qsbr.h>
#include <urcu-pointer.h>

#define rcu_get(p) rcu_dereference(p)
#define rcu_put(p, v) rcu_set_pointer(&(p), (v))

static inline void rcu_quiet(void)
{
        rcu_quiescent_state();
}

/* Frees `thing` by `release(thing)` after a grace period, from liburcu's own thread. Never blocks. */
void rcu_retire(void *thing, void (*release)(void *));
/* Waits until everything retired so far was released (shutdown and tests). Not from a registered reader. */
void rcu_drain(void);

#endif
