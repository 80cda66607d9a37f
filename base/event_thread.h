/* base/event_thread.h: a thread that runs an event loop of its own. Whoever made it starts and ends it; between making
 * and starting, and when it has ended, the loop and what stands on it are that thread's. Needs evthread_use_pthreads().
 */
#ifndef BASE_EVENT_THREAD_H
#define BASE_EVENT_THREAD_H

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct event_thread;

struct event_thread *event_thread_new(const char *name); /* NULL: there is no memory for it, or no descriptor */
struct event_base *event_thread_base(struct event_thread *);
/* What the thread does when its loop has ended, such as to free what is its own. Before it is started. */
void event_thread_at_end(struct event_thread *, void (*)(void *context), void *context);
bool event_thread_start(struct event_thread *); /* false: there are no more threads */
/* Ends the loop behind what it does just now, and waits for that. Twice is allowed, and one that was not started. */
void event_thread_end(struct event_thread *);
/* The same without waiting: it has ended when event_thread_is_over says so. */
void event_thread_end_soon(struct event_thread *);
bool event_thread_is_over(const struct event_thread *); /* of one that was started */
/* Waits for a loop that ends itself. */
void event_thread_wait(struct event_thread *);
void event_thread_free(struct event_thread *); /* ends it first; NULL is allowed */

/* How long a thread works at one go, until it waits for events again: so long who wants something of it waits. In
 * processor time: that others took the machine is not its doing. The thread's own. */
struct stays {
        uint64_t minute, longest_us, before_us; /* of that minute, and of the one before */
};
/* Runs the loop on this thread until it is told to break. */
void event_run(struct event_base *, struct stays *);
uint64_t stays_longest_us(const struct stays *); /* within the last minute or two */

#endif
