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

static void each_of_pool(const struct model *m, uint32_t pool, drain_visit *visit, void *context)
{
        for (uint32_t e = 0; e < m->pools[pool].endpoints.count; e++)
                visit(context, m->pools[pool].first_endpoint + e);
}

void drain_each(const struct model *m, enum drain_scope scope, uint32_t target, drain_visit *visit, void *context)
{
        switch (scope) {
        case DRAIN_REGION:
                for (uint32_t p = 0; p < m->count[KIND_POOLS]; p++)
                        if (m->pools[p].region == target)
                                each_of_pool(m, p, visit, context);
                break;
        case DRAIN_POOL:
                each_of_pool(m, target, visit, context);
                break;
        case DRAIN_ENDPOINT:
                visit(context, target);
                break;
        }
}

bool drain_touches(const struct model *m, enum drain_scope scope, uint32_t target, uint32_t pool)
{
        switch (scope) {
        case DRAIN_REGION:
                return m->pools[pool].region == target && m->pools[pool].endpoints.count;
        case DRAIN_POOL:
                return pool == target && m->pools[pool].endpoints.count;
        case DRAIN_ENDPOINT:
                break;
        }
        return m->endpoints[target]->pool == pool;
}

struct doc *drain_document(const char *key, int64_t since_ms, int64_t for_ms, const char *reason, const char *by,
                           struct arena *a)
{
        struct doc *d = doc_new(a, DOC_MAP);
        char time[CLOCK_TEXT_MAX];

        doc_add_string(a, d, "name", key);
        doc_add_string(a, d, "since", clock_format(since_ms, time));
        if (for_ms)
                doc_add_string(a, d, "until", clock_format(since_ms + for_ms, time));
        doc_add_string(a, d, "reason", reason);
        doc_add_string(a, d, "by", by);
        return d;
}
