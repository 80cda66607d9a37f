#include "probes/prober/plan.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "base/memory.h"
#include "zones/monitors/monitor.h"

struct plan *plan_new(uint64_t revision)
{
        struct plan *p = memory_alloc(sizeof(*p));
        p->arena = arena_new(0);
        p->revision = revision;
        p->monitors = map_new();
        return p;
}

void plan_free(struct plan *p)
{
        if (!p)
                return;
        map_free(p->monitors);
        arena_free(p->arena);
        free(p);
}

static int compare_checks(const void *a, const void *b)
{
        return strcmp(((const struct check *)a)->id, ((const struct check *)b)->id);
}

void plan_set(struct plan *p, struct check *checks, uint32_t count)
{
        if (count > 1)
                qsort(checks, count, sizeof(*checks), compare_checks);
        p->checks = checks;
        p->count = count;
}

static int compare_ids(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void plan_set_gone(struct plan *p, const char **ids, uint32_t count)
{
        if (count > 1)
                qsort(ids, count, sizeof(*ids), compare_ids);
        p->is_difference = true;
        p->gone = ids;
        p->gone_count = count;
}

const struct check *plan_find(const struct plan *p, const char *id)
{
        const struct check wanted = {.id = id};

        return p->count ? bsearch(&wanted, p->checks, p->count, sizeof(*p->checks), compare_checks) : NULL;
}

bool check_is_for(const struct check *c, const char *prober)
{
        for (uint32_t i = 0; i < c->prober_count; i++)
                if (!strcmp(c->probers[i], prober))
                        return true;
        return !c->prober_count;
}

bool check_is_sent(const struct check *c, const char *prober)
{
        return c->monitor->type != MONITOR_EXTERNAL && check_is_for(c, prober);
}

/* --- equality --- */

/* Members of a monitor that only health reads. */
static bool matters_for_checking(const char *key)
{
        static const char *const others[] = {"name", "quorum", "probers", "stale_after", "quarantine", "breaker"};

        for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
                if (!strcmp(key, others[i]))
                        return false;
        return true;
}

/* Whether `b` has what `a` has. */
static bool has_all(const struct doc *a, const struct doc *b)
{
        doc_each (member, a)
                if (matters_for_checking(member->key)) {
                        const struct doc *other = doc_get(b, member->key);
                        if (!other || !doc_equal(member, other))
                                return false;
                }
        return true;
}

static bool same_monitor(const struct monitor *a, const struct monitor *b)
{
        return a == b || (has_all(a->doc, b->doc) && has_all(b->doc, a->doc));
}

static bool same_text(const char *a, const char *b)
{
        return a == b || (a && b && !strcmp(a, b));
}

bool check_equal(const struct check *a, const struct check *b)
{
        if (a->part_count != b->part_count)
                return false;
        for (uint32_t i = 0; i < a->part_count; i++)
                if (!check_equal(&a->parts[i], &b->parts[i]))
                        return false;
        return !strcmp(a->id, b->id) && address_equal(&a->address, &b->address) &&
               same_text(a->host_name, b->host_name) && a->port == b->port && same_monitor(a->monitor, b->monitor);
}

/* --- copies --- */

const struct monitor *plan_monitor(struct plan *p, const struct monitor *original)
{
        struct problems none = PROBLEMS_INIT;
        char key[32];

        snprintf(key, sizeof(key), "%p", (const void *)original);
        struct monitor *m = map_get(p->monitors, key);
        if (m)
                return m;
        m = ARENA_NEW(p->arena, struct monitor);
        bool good = schema_decode(&monitor_schema, original->doc, p->arena, m, &none);
        assert(good); /* as it was for the original */
        problems_free(&none);
        map_set(p->monitors, arena_strdup(p->arena, key), m);
        return m;
}

static struct check copy_check(struct plan *p, const struct check *c)
{
        struct check copy = *c;
        const char **names = ARENA_ARRAY(p->arena, const char *, c->prober_count);

        for (uint32_t i = 0; i < c->prober_count; i++)
                names[i] = arena_strdup(p->arena, c->probers[i]);
        copy.probers = names;
        copy.id = arena_strdup(p->arena, c->id);
        copy.monitor = plan_monitor(p, c->monitor);
        copy.host_name = c->host_name ? arena_strdup(p->arena, c->host_name) : NULL;
        struct check *parts = ARENA_ARRAY(p->arena, struct check, c->part_count);
        for (uint32_t i = 0; i < c->part_count; i++)
                parts[i] = copy_check(p, &c->parts[i]);
        copy.parts = parts;
        return copy;
}

struct plan *plan_for_prober(const struct plan *p, const char *prober)
{
        struct plan *of_prober = plan_new(p->revision);
        struct check *checks = ARENA_ARRAY(of_prober->arena, struct check, p->count);
        const char **gone =
                ARENA_ARRAY(of_prober->arena, const char *, p->is_difference ? p->count + p->gone_count : 0);
        uint32_t count = 0, gone_count = 0;

        for (uint32_t i = 0; i < p->count; i++)
                if (check_is_sent(&p->checks[i], prober))
                        checks[count++] = copy_check(of_prober, &p->checks[i]);
                else if (p->is_difference)
                        gone[gone_count++] = arena_strdup(of_prober->arena, p->checks[i].id);
        for (uint32_t i = 0; i < p->gone_count; i++)
                gone[gone_count++] = arena_strdup(of_prober->arena, p->gone[i]);
        plan_set(of_prober, checks, count);
        if (p->is_difference)
                plan_set_gone(of_prober, gone, gone_count);
        return of_prober;
}
