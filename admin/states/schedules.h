/* admin/states/schedules.h: which schedules hold, and when that is another: state of endpoints, pools and pools of
 * services, no revision.
 *
 * What they say stands in the model; here are the places of lists that are not empty, and the moments at which
 * something turns, the next first. At rest a tick looks at one number; a turn costs what turns, an edit what it
 * touches. The moment is passed in: a clock that jumps ahead makes what it jumped over turn at once, one that is put
 * back has everything looked at anew. Control thread. */
#ifndef ADMIN_STATES_SCHEDULES_H
#define ADMIN_STATES_SCHEDULES_H

#include "zones/config/model.h"
#include "zones/load/model_edit.h"
#include "zones/steering/steering.h"

struct schedules;

struct schedules *schedules_new(void);
void schedules_free(struct schedules *);

/* What they act upon: the model, the states of its endpoints, and its steering, where all is in force with
 * steering_publish. */
struct scheduling {
        const struct model *model;
        struct endpoint_state *states;
        struct steering *steering;
};

/* Puts what holds of a model that is about to come into force, whose turns are waited for from now on; nothing does yet
 * in its states. Any one thread, while no time zone is read anew. */
void schedules_take(struct schedules *, const struct scheduling *, int64_t wall_ms);

/* The same of a model that became another by these items, all of them on their way (suppose) or in force from now on.
 */
void schedules_suppose_edit(const struct schedules *, const struct scheduling *, const struct edited *, size_t count,
                            int64_t wall_ms);
void schedules_edit(struct schedules *, const struct scheduling *, const struct edited *, size_t count,
                    int64_t wall_ms);

/* What has turned: from one schedule of a list (NULL: none) to another. */
struct schedule_turn {
        const struct schedule_place *place;
        const struct schedule *before, *now;
        int64_t until_ms; /* wall time at which it turns again; 0: never */
};
typedef void schedules_visit(void *context, const struct schedule_turn *);
/* Lets turn what is due, and tells of it. What a schedule brings back is said to have come up at `now_ms` (monotonic).
 * The model is that of schedules_take. */
void schedules_turn(struct schedules *, const struct scheduling *, int64_t wall_ms, int64_t now_ms, schedules_visit *,
                    void *context);

/* Has the next turn look at all, for clocks of time zones may go otherwise than they did. */
void schedules_look_anew(struct schedules *);

uint32_t schedules_in_force(const struct schedules *);
/* Where lists that are not empty stand, in no order, and what holds of each. */
uint32_t schedules_count(const struct schedules *);
const struct schedule_place *schedules_place(const struct schedules *, uint32_t index);
const struct scheduled *schedules_now(const struct schedules *, uint32_t index);

#endif
