/* base/rcu.h: the one place that knows liburcu (QSBR flavour).
 *
 * Readers (workers) register with rcu_join, read pointers with `rcu_get`, and call `rcu_quiet` between batches, when
 * they hold none; around a blocking system call they go offline. One writer publishes with `rcu_put` and frees what it
 * replaced with `rcu_retire` (any non-reader thread), after every reader was quiet once.
 *
 * ThreadSanitizer does not see the barriers inside liburcu; it is told of them here. */
#ifndef BASE_RCU_H
#define BASE_RCU_H

#include <stdbool.h>
#include <urcu-qsbr.h>

#define rcu_get(p)    __atomic_load_n(&(p), __ATOMIC_ACQUIRE) /* free on x86; consume is acquire in today's compilers */
#define rcu_put(p, v) __atomic_store_n(&(p), (v), __ATOMIC_RELEASE)

#ifdef __SANITIZE_THREAD__
void __tsan_acquire(void *);
void __tsan_release(void *);
extern char rcu_grace_periods; /* stands for all of them */
#define RCU_TOLD_QUIET()    __tsan_release(&rcu_grace_periods)
#define RCU_TOLD_RETIRED(p) __tsan_release(p)
#define RCU_TOLD_OVER(p)    (__tsan_acquire(p), RCU_TOLD_ALL_OVER())
#define RCU_TOLD_ALL_OVER() __tsan_acquire(&rcu_grace_periods)
#else
#define RCU_TOLD_QUIET()    ((void)0)
#define RCU_TOLD_RETIRED(p) ((void)0)
#define RCU_TOLD_OVER(p)    ((void)0)
#define RCU_TOLD_ALL_OVER() ((void)0)
#endif

static inline void rcu_join(void)
{
        rcu_register_thread();
}

static inline void rcu_leave(void)
{
        RCU_TOLD_QUIET();
        rcu_unregister_thread();
}

static inline void rcu_quiet(void)
{
        RCU_TOLD_QUIET();
        rcu_quiescent_state();
}

static inline void rcu_offline(void)
{
        RCU_TOLD_QUIET();
        rcu_thread_offline();
}

static inline void rcu_online(void)
{
        rcu_thread_online();
}

/* Frees `thing` by `release(thing)` after a grace period, from liburcu's own thread. Never blocks. */
void rcu_retire(void *thing, void (*release)(void *));
/* Waits until everything retired so far was released (shutdown and tests). Not from a registered reader. */
void rcu_drain(void);

/* A grace period that somebody asks after: what readers could see before it began, none sees when it is over. The one
 * thread that began it asks, waits and frees. */
struct rcu_grace;
struct rcu_grace *rcu_grace_begin(void);
bool rcu_grace_over(const struct rcu_grace *);
void rcu_grace_wait(
        struct rcu_grace *); /* until it is over: as long as the slowest reader is busy with what it reads */
void rcu_grace_free(struct rcu_grace *); /* also before it is over; NULL is allowed */

#endif
