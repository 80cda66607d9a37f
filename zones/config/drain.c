#include "zones/config/drain.h"

#include <string.h>
#include "base/clock.h"

static const char *const scopes[] = {[DRAIN_REGION] = "region", [DRAIN_POOL] = "pool", [DRAIN_ENDPOINT] = "endpoint"};

const char *drain_scope_name(enum drain_scope scope)
{
        return scopes[scope];
}

bool drain_key_parse(const char *key, enum drain_scope *scope, const char **target)
{
        const char *slash = strchr(key, '/');

        for (int i = DRAIN_REGION; slash && i <= DRAIN_ENDPOINT; i++)
                if (strlen(scopes[i]) == (size_t)(slash - key) && !strncmp(key, scopes[i], (size_t)(slash - key))) {
                        *scope = (enum drain_scope)i;
                        *target = slash + 1;
                        return true;
                }
        return false;
}

uint32_t drain_target(const struct model *m, enum drain_scope scope, const char *name)
{
        switch (scope) {
        case DRAIN_REGION:
                return model_find(m, KIND_REGIONS, name);
        case DRAIN_POOL:
                return model_find(m, KIND_POOLS, name);
        case DRAIN_ENDPOINT:
                break;
        }
        return endpoint_number(m, name);
}

static void each_of_pool(const struct pool *p, drain_visit *visit, void *context)
{
        for (uint32_t e = 0; e < p->endpoints.count; e++)
                visit(context, p->endpoints.items[e].number);
}

void drain_each(const struct model *m, enum drain_scope scope, uint32_t target, drain_visit *visit, void *context)
{
        switch (scope) {
        case DRAIN_REGION:
                for (uint32_t i = 0; i < m->count[KIND_POOLS]; i++)
                        if (m->region_of[i] == target && m->pools[i])
                                each_of_pool(m->pools[i], visit, context);
                break;
        case DRAIN_POOL:
                each_of_pool(m->pools[target], visit, context);
                break;
        case DRAIN_ENDPOINT:
                visit(context, target);
                break;
        }
}

enum drain_phase drain_phase(const struct drain_span *s, int64_t wall_ms)
{
        if (s->until_ms && wall_ms >= s->until_ms)
                return DRAIN_ENDED;
        if (wall_ms < s->since_ms)
                return DRAIN_WAITING;
        return wall_ms - s->since_ms < s->over_ms ? DRAIN_GOING : DRAIN_IN_FORCE;
}

const char *drain_phase_name(enum drain_phase phase)
{
        static const char *const names[] = {"waiting", "going", "in force", "ended"};

        return names[phase];
}

/* Which step a drain that goes is at: 0 up to DRAIN_STEPS - 1. */
static int64_t step_of(const struct drain_span *s, int64_t wall_ms)
{
        return (wall_ms - s->since_ms) * DRAIN_STEPS / s->over_ms;
}

unsigned drain_left(const struct drain_span *s, int64_t wall_ms)
{
        switch (drain_phase(s, wall_ms)) {
        case DRAIN_GOING:
                /* After the first step a share is left, up to the last, which leaves the least. */
                return (unsigned)(100 * (DRAIN_STEPS - step_of(s, wall_ms)) / (DRAIN_STEPS + 1));
        case DRAIN_IN_FORCE:
                return 0;
        case DRAIN_WAITING:
        case DRAIN_ENDED:
                break;
        }
        return 100;
}

int64_t drain_next(const struct drain_span *s, int64_t wall_ms)
{
        int64_t next = INT64_MAX;

        switch (drain_phase(s, wall_ms)) {
        case DRAIN_WAITING:
                return s->since_ms;
        case DRAIN_GOING: /* rounded up: at that time the step is reached */
                next = s->since_ms + ((step_of(s, wall_ms) + 1) * s->over_ms + DRAIN_STEPS - 1) / DRAIN_STEPS;
                break;
        case DRAIN_IN_FORCE:
        case DRAIN_ENDED:
                break;
        }
        return s->until_ms && s->until_ms > wall_ms && s->until_ms < next ? s->until_ms : next;
}

bool drain_overlap(const struct drain_span *a, const struct drain_span *b)
{
        return (!a->until_ms || b->since_ms < a->until_ms) && (!b->until_ms || a->since_ms < b->until_ms);
}

struct doc *drain_document(const char *key, const struct drain_span *span, const char *reason, const char *by,
                           struct arena *a)
{
        struct doc *d = doc_new(a, DOC_MAP);
        char time[CLOCK_TEXT_MAX], over[DURATION_TEXT_MAX];

        doc_add_string(a, d, "name", key);
        doc_add_string(a, d, "since", clock_format(span->since_ms, time));
        if (span->over_ms)
                doc_add_string(a, d, "over", duration_format(span->over_ms, over));
        if (span->until_ms)
                doc_add_string(a, d, "until", clock_format(span->until_ms, time));
        doc_add_string(a, d, "reason", reason);
        doc_add_string(a, d, "by", by);
        return d;
}
