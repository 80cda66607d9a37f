/* After a start answers use check results from the first one on: a service waits for the first verdicts on its own
 * endpoints, and for the addresses of those that are flattened, for a bounded time. All else is answered at once. */
#include <stdlib.h>
#include "admin/control/control_private.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "zones/steering/steering.h"

#define WAIT_FOR_PROBERS_MS 5000  /* that are elsewhere: they fetch their plan first */
#define WAIT_MORE_MS        2000  /* first checks are spread over a second; one more for slow machines */
#define WAIT_MOST_MS        10000 /* then what is not known counts as up */

static bool time_is_over(const struct control *control, uint64_t wait_ms)
{
        return clock_ms() - control->started_ms >= (wait_ms < WAIT_MOST_MS ? wait_ms : WAIT_MOST_MS);
}

/* Whether a verdict is still worth waiting for: one may come, and there is time. */
static bool unheard(const struct control *control, uint32_t place)
{
        const struct monitor *m = roster_at(health_plan(control->health), place)->monitor;
        uint64_t check_ms = (uint64_t)m->timeout_ms * (uint64_t)(m->retries + 1);

        if (health_state_at(control->health, place) != VERDICT_UNKNOWN || !check_is_active(m))
                return false;
        if (!control->prober && check_ms < WAIT_FOR_PROBERS_MS)
                check_ms = WAIT_FOR_PROBERS_MS;
        return !time_is_over(control, check_ms + WAIT_MORE_MS);
}

static bool unresolved(const struct control *control, const struct steering *s, uint32_t number)
{
        return steering_flattens(s, number) && !steering_resolved(s, number) &&
               !flattening_settled(control->flattening) && !time_is_over(control, WAIT_MOST_MS);
}

void control_start_wait(struct control *control, const struct snapshot *snapshot, struct endpoint_state *states)
{
        const struct roster *plan = health_plan(control->health);

        for (uint32_t i = 0; i < roster_end(plan); i++)
                if (roster_at(plan, i))
                        states[roster_at(plan, i)->number].waiting = unheard(control, i);
        for (uint32_t i = 0; i < snapshot->model->endpoint_count; i++) {
                states[i].waiting |= steering_flattens(snapshot->steering, i);
                control->waiting += states[i].waiting;
        }
}

/* Who waits on: a verdict or addresses are still missed. */
static bool *still_waiting(const struct control *control, const struct snapshot *snapshot)
{
        const struct roster *plan = health_plan(control->health);
        uint32_t count = snapshot->model->endpoint_count;
        bool *waits = memory_alloc(count + 1);

        for (uint32_t i = 0; i < count; i++)
                waits[i] = unresolved(control, snapshot->steering, i);
        for (uint32_t i = 0; i < roster_end(plan); i++)
                if (roster_at(plan, i))
                        waits[roster_at(plan, i)->number] |= unheard(control, i);
        return waits;
}

static void let_go(struct control *control)
{
        const struct snapshot *snapshot = snapshot_current();
        bool *waits = still_waiting(control, snapshot);

        control->waiting = 0;
        for (uint32_t i = 0; i < snapshot->model->endpoint_count; i++) {
                struct endpoint_state *s = &control->states[i];
                if (s->waiting && !waits[i]) {
                        s->waiting = false;
                        control_states_set(control, i);
                        control->timed_out |=
                                s->health == HEALTH_UNKNOWN && snapshot->model->endpoints[i]->monitor != MODEL_NONE;
                }
                control->waiting += s->waiting;
        }
        free(waits);
}

void control_start_look(struct control *control)
{
        if (control->ready)
                return;
        control_health_round_trips(control);
        let_go(control);
        control_states_flush(control);
        if (control->waiting)
                return;
        control->ready = true;
        log_info("control", "ready at revision %llu: %s", (unsigned long long)control->revision,
                 control->timed_out ? "the time for the first round of checks is over"
                                    : "the first round of checks is done");
        if (control->ready_call)
                control->ready_call(control->ready_context);
}
