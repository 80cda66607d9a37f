#include "admin/rollout/rollouts.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include "admin/rollout/rollout_private.h"
#include "base/clock.h"
#include "base/memory.h"

#define TICK_MS 250
#define LOOK_MS 1000 /* at conditions */

void rollouts_look(struct rollouts *r)
{
        uint64_t now = clock_ms();
        bool look = now - r->looked_ms >= LOOK_MS;

        if (r->looking)
                return;
        r->looking = true;
        if (look)
                r->looked_ms = now;
        confirms_tick(r, now, look);
        shifts_tick(r, now, look);
        trials_tick(r, now);
        r->looking = false;
}

static void tick(evutil_socket_t fd, short what, void *context)
{
        rollouts_look(context);
}

static void changed(void *context, const struct revision *revision)
{
        for (size_t i = 0; i < revision->change_count; i++)
                if (revision->changes[i].kind == KIND_CONFIRMS)
                        confirms_take(context, revision, &revision->changes[i]);
                else if (revision->changes[i].kind == KIND_SERVICES)
                        shifts_suspect(context, revision->changes[i].key);
        for (size_t i = 0; i < revision->change_count; i++) /* those that come with their step are as it made them */
                if (revision->changes[i].kind == KIND_SHIFTS)
                        shifts_take(context, revision, &revision->changes[i]);
}

struct rollouts *rollouts_open(struct event_base *base, struct control *control, char *error, size_t error_size)
{
        const struct timeval interval = {0, TICK_MS * 1000};
        struct rollouts *r = memory_alloc(sizeof(*r));
        struct store_txn *txn = store_read(control_store(control), error, error_size);

        *r = (struct rollouts){.control = control};
        trials_open(r);
        bool good = txn && confirms_read(r, txn) && shifts_read(r, txn);
        if (txn && !good)
                store_is_whole(txn, error, error_size);
        if (txn)
                store_end(txn);
        if (good) {
                r->tick = event_new(base, -1, EV_PERSIST, tick, r);
                event_add(r->tick, &interval);
                control_when_changed(control, changed, r);
                return r;
        }
        rollouts_close(r);
        return NULL;
}

void rollouts_close(struct rollouts *r)
{
        if (!r)
                return;
        control_settle(r->control); /* nothing that it has under way is told it after this */
        control_when_changed(r->control, NULL, NULL);
        trials_close(r);
        if (r->tick)
                event_free(r->tick);
        if (r->confirms)
                confirms_free(r);
        if (r->shifts)
                shifts_free(r);
        free(r);
}

void rollouts_ready(const struct rollouts *r, struct arena *a, struct doc *ready)
{
        const struct confirm_counts counts = rollouts_count_confirms(r);
        struct doc *confirms = doc_add_map(a, ready, "confirms");

        doc_add_int(a, confirms, "waiting", counts.waiting);
        doc_add_int(a, confirms, "stuck", counts.stuck);
        confirms_ready(r, a, doc_get(ready, "reasons"));
        const struct shift_counts shifts = rollouts_count_shifts(r);
        struct doc *by_state = doc_add_map(a, ready, "shifts");
        for (int i = 0; shift_state_names[i]; i++)
                doc_add_int(a, by_state, shift_state_names[i], shifts.state[i]);
        shifts_ready(r, a, doc_get(ready, "reasons"));
}
