#include "admin/node_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

static enum health health_from(enum verdict_state state)
{
        switch (state) {
        case VERDICT_UP:
                return HEALTH_UP;
        case VERDICT_DOWN:
                return HEALTH_DOWN;
        case VERDICT_UNKNOWN:
                break;
        }
        return HEALTH_UNKNOWN;
}

static bool drain_in_force(const struct drain *d, int64_t wall_ms)
{
        return d->target != MODEL_NONE && (d->until_ms == 0 || d->until_ms > wall_ms);
}

static bool drain_covers(const struct model *m, const struct drain *d, uint32_t number)
{
        const struct endpoint *e = m->endpoints[number];

        switch ((enum drain_scope)d->scope) {
        case DRAIN_REGION:
                return m->pools[e->pool].region == d->target;
        case DRAIN_POOL:
                return e->pool == d->target;
        case DRAIN_ENDPOINT:
                break;
        }
        return number == d->target;
}

static void drains_into(const struct model *m, int64_t wall_ms, struct endpoint_state *states)
{
        for (uint32_t i = 0; i < m->endpoint_count; i++)
                states[i].drained = false;
        for (uint32_t d = 0; d < m->count[KIND_DRAINS]; d++) {
                if (!drain_in_force(&m->drains[d], wall_ms))
                        continue;
                for (uint32_t i = 0; i < m->endpoint_count; i++)
                        states[i].drained |= drain_covers(m, &m->drains[d], i);
        }
}

bool node_states_drains(struct node *node, int64_t wall_ms)
{
        const struct model *m = snapshot_current()->model;
        bool expired = false;

        for (uint32_t d = 0; d < m->count[KIND_DRAINS]; d++)
                expired |= !drain_in_force(&m->drains[d], wall_ms);
        if (expired) {
                drains_into(m, wall_ms, node->states);
                node->states_changed = true;
        }
        return expired;
}

void node_states_make(struct node *node, struct snapshot *snapshot)
{
        const struct model *m = snapshot->model;
        char id[512];

        free(node->states);
        node->states = memory_alloc((m->endpoint_count + 1) * sizeof(*node->states));
        for (uint32_t i = 0; i < m->endpoint_count; i++)
                node->states[i].health =
                        (uint8_t)health_from(health_of(node->health, endpoint_id(m, i, id, sizeof(id))));
        drains_into(m, clock_wall_ms(), node->states);
        steering_update(snapshot, node->states);
        node->states_changed = false;
}

void node_states_flush(struct node *node)
{
        if (!node->states_changed)
                return;
        node->states_changed = false;
        steering_update(snapshot_current(), node->states);
}

static void event_add_health(struct node *node, const char *id, enum verdict_state state, const struct verdict *because,
                             const char *prober)
{
        struct node_event *e = &node->events[node->event_count++ % NODE_EVENTS_MAX];

        *e = (struct node_event){.time_ms = clock_wall_ms(), .state = state};
        snprintf(e->endpoint, sizeof(e->endpoint), "%s", id);
        snprintf(e->prober, sizeof(e->prober), "%s", prober ? prober : "");
        e->reason = because ? reason_name(because->reason) : "stale";
        if (because)
                snprintf(e->detail, sizeof(e->detail), "%s", because->detail);
}

void node_health_changed(void *context, const char *id, enum verdict_state state, const struct verdict *because,
                         const char *prober)
{
        static const char *const words[] = {"unknown", "up", "down"};
        struct node *node = context;
        const struct snapshot *snapshot = snapshot_current();
        uint32_t number = snapshot ? endpoint_number(snapshot->model, id) : MODEL_NONE;

        event_add_health(node, id, state, because, prober);
        log_info("health", "%s is %s (%s%s%s; prober %s)", id, words[state], because ? reason_name(because->reason) : "stale",
                 because && because->detail[0] ? ": " : "", because ? because->detail : "", prober ? prober : "none");
        if (number == MODEL_NONE)
                return;
        node->states[number].health = (uint8_t)health_from(state);
        node->states_changed = true;
}
