/* The options of a pool that are not its defaults, and the figures its endpoints are picked by, for people. */
#include "base/clock.h"
#include <stdio.h>
#include <stdlib.h>
#include "zones/explain/explain_private.h"

static const char *number(struct telling *t, double value)
{
        char text[DOC_NUMBER_MAX];

        return arena_strdup(t->arena, doc_number_text(value, text));
}

/* To three digits: more is noise. */
static const char *measured(struct telling *t, double value)
{
        char text[40];

        snprintf(text, sizeof(text), "%.3g", value);
        return number(t, strtod(text, NULL));
}

static const char *with(struct telling *t, const char *text, const char *more)
{
        return *text ? arena_printf(t->arena, "%s, %s", text, more) : more;
}

static const char *hash_text(struct telling *t, const struct pool *p)
{
        return arena_printf(t->arena, "hash over the client's /%lld (IPv6 /%lld)%s", (long long)p->hash.prefix_v4,
                            (long long)p->hash.prefix_v6, p->hash.salt ? " and a salt" : "");
}

static const char *score_text(struct telling *t, const struct pool *p)
{
        const struct {
                const char *name;
                double weight;
        } parts[] = {{"response_time", p->score.response_time},
                     {"load", p->score.load},
                     {"errors", p->score.errors},
                     {"cpu", p->score.cpu},
                     {"memory", p->score.memory}};
        const char *text = "";

        for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
                if (parts[i].weight != 0)
                        text = arena_printf(t->arena, "%s%s%s x %s", text, *text ? " + " : "",
                                            number(t, parts[i].weight), parts[i].name);
        return arena_printf(t->arena, "score %s", *text ? text : "of nothing");
}

const char *pool_options_text(struct telling *t, const struct pool *p)
{
        const struct min_healthy *least = &p->min_healthy;
        char time[DURATION_TEXT_MAX];
        const char *text = "";

        if (p->answers)
                text = with(t, text, arena_printf(t->arena, "answers %lld", (long long)p->answers));
        if (least->percent)
                text = with(t, text, arena_printf(t->arena, "min_healthy %lld%%", (long long)least->percent));
        else if (least->count != 1)
                text = with(t, text, arena_printf(t->arena, "min_healthy %lld", (long long)least->count));
        if (p->max_load > 0)
                text = with(t, text, arena_printf(t->arena, "max_load %s", number(t, p->max_load)));
        if (p->slow_start_ms)
                text = with(t, text, arena_printf(t->arena, "slow_start %s", duration_format(p->slow_start_ms, time)));
        if (p->balance == BALANCE_HASH)
                text = with(t, text, hash_text(t, p));
        if (p->balance == BALANCE_SCORE)
                text = with(t, text, score_text(t, p));
        return text;
}

const char *endpoint_figures_text(struct telling *t, const struct endpoint *e, const struct endpoint_live *live)
{
        enum balance balance = (enum balance)t->model->pools[e->pool]->balance;
        const char *text = "";

        if (live->figures.load >= 0)
                text = with(t, text, arena_printf(t->arena, "load %s", measured(t, (double)live->figures.load)));
        if (e->max_load > 0)
                text = with(t, text, arena_printf(t->arena, "max_load %s", number(t, e->max_load)));
        if (balance == BALANCE_FAILOVER)
                text = with(t, text, arena_printf(t->arena, "priority %lld", (long long)e->priority));
        if ((balance == BALANCE_FASTEST || balance == BALANCE_SCORE) && live->rtt_us >= 0)
                text = with(t, text,
                            arena_printf(t->arena, "round trip %s ms", measured(t, (double)live->rtt_us / 1000)));
        if (balance == BALANCE_SCORE && live->cost_shown >= 0)
                text = with(t, text, arena_printf(t->arena, "cost %s", measured(t, (double)live->cost_shown)));
        return text;
}
