/* tests/unit/plane.h: a control plane on a store of its own, without sockets and without a prober, and what endpoints
 * are said to be. One at a time in a process: what it publishes is one. */
#ifndef TESTS_UNIT_PLANE_H
#define TESTS_UNIT_PLANE_H

#include "admin/control/control.h"
#include "tests/unit/random_items.h"

#define PLANE_POOLS_MOST 16

/* Which endpoints are down, a bit each, by pool. Plain bytes: it goes from process to process. */
struct plane_health {
        uint8_t down[PLANE_POOLS_MOST];
        uint8_t third[PLANE_POOLS_MOST]; /* the prober "third" alone sees these down, too */
};

struct plane {
        struct event_base *base;
        struct name_server *names; /* for host names that are flattened */
        struct control *control;
        bool ready;        /* no service waits for the first word on its endpoints */
        uint64_t sequence; /* of reports */
};

/* Opens it on the store in `directory`; `geo`: a database, or NULL. A failure fails the test. */
struct plane *plane_open(const char *directory, const char *geo);
void plane_close(struct plane *);
/* The one road for change, to its end: what was started is in force, or could not be written. */
enum control_result plane_change(struct plane *, struct change *, size_t *count, bool dry_run, bool force,
                                 struct problems *);
/* Opens the GeoIP databases again. */
bool plane_reload_geo(struct plane *, char *error, size_t error_size);
/* Gives it health: reports of all its probers, verdicts on what is told, figures. What is down and does not exist any
 * more, or is switched off, is taken out of `health` before: whoever comes into being has been up once. */
void plane_say(struct plane *, struct plane_health *);
void plane_tick(struct plane *); /* what is done several times a second is done now */
/* Lets time go on until nothing is under way: events, addresses that are looked up, what is held is written, ticks. */
void plane_settle(struct plane *);
/* Another endpoint goes down or comes back, at random. */
void plane_flip(struct random *, struct plane_health *);

/* Everything that is observed of the published snapshot and of health, a line each: answers to all questions (or to one
 * in `step` of them), what explain tells, health of endpoints and probers, plans, holds. */
void plane_tell(struct plane *, unsigned step, struct buffer *);

#endif
