/* gslbctl traffic: how much goes where; what a dry run tells of it. */
#include <stdio.h>
#include <string.h>
#include "admin/ctl/ctl.h"

static const char *question(struct ctl *c)
{
        const char *const given[][2] = {{"service", c->service}, {"region", c->region}, {"pool", c->pool},
                                        {"by", c->by},           {"since", c->since},   {"limit", c->limit}};
        const char *text = "traffic";

        for (size_t i = 0, n = 0; i < sizeof(given) / sizeof(*given); i++)
                if (given[i][1])
                        text = arena_printf(c->arena, "%s%s%s=%s", text, n++ ? "&" : "?", given[i][0],
                                            ctl_escape(c, given[i][1]));
        return text;
}

static double real(const struct doc *d, const char *member)
{
        const struct doc *value = doc_get(d, member);

        return !value ? 0 : value->type == DOC_REAL ? value->real : value->type == DOC_INT ? (double)value->integer : 0;
}

/* The rows with what people read: a name for nothing, shares in percent. */
static struct doc *readable(struct ctl *c, const struct doc *items, const char *by)
{
        struct doc *rows = doc_new(c->arena, DOC_LIST);

        doc_each (one, items) {
                struct doc *row = doc_add_map(c->arena, rows, NULL);
                const char *name = doc_get_string(one, by);
                int64_t answers = 0;
                doc_get_int(one, "answers", &answers);
                doc_add_string(c->arena, row, "name", name ? name : "-");
                doc_add_int(c->arena, row, "answers", answers);
                doc_add_format(c->arena, row, "share", "%.1f %%", 100 * real(one, "share"));
                doc_add_format(c->arena, row, "rate", "%.1f", real(one, "rate"));
        }
        return rows;
}

int ctl_traffic(struct ctl *c)
{
        const char *by = c->by ? c->by : "service";
        char title[64], text[100];
        const char *columns[] = {title, "ANSWERS=answers", "SHARE=share", "Q/S NOW=rate", NULL};
        int64_t answers = 0, left_out = 0, dropped = 0;
        struct doc *d;

        if (c->since && !(c->since = ctl_time(c, "since", c->since)))
                return CTL_USAGE;
        int status = ctl_call(c, "GET", question(c), NULL, &d);

        if (status || ctl_show_as_document(c, d))
                return status;
        snprintf(title, sizeof(title), "%s=name",
                 !strcmp(by, "region")     ? "CLIENTS OF"
                 : !strcmp(by, "pool")     ? "POOL"
                 : !strcmp(by, "endpoint") ? "ENDPOINT"
                                           : "SERVICE");
        const struct doc *items = doc_get(d, "items");
        if (items && items->type == DOC_LIST)
                ctl_table(c, readable(c, items, by), columns);
        if (c->output == OUTPUT_NAME)
                return CTL_OK;
        doc_get_int(d, "answers", &answers);
        doc_get_int(d, "left_out", &left_out);
        doc_get_int(d, "dropped", &dropped);
        printf("%lld answers since %s, %.1f q/s now\n", (long long)answers, ctl_shown(d, "since", text, sizeof(text)),
               real(d, "rate"));
        if (left_out)
                printf("%lld more are left out: --limit\n", (long long)left_out);
        if (dropped)
                printf("%lld answers since the start could not be counted: more came at once than there was room for\n",
                       (long long)dropped);
        return CTL_OK;
}

/* --- what would be --- */

#define SHOWN_MOST  20   /* of each list, for people */
#define SHOWN_LEAST 5e-4 /* of all traffic */

/* "4.1k" */
static const char *short_rate(struct ctl *c, double rate)
{
        return rate >= 999.95 ? arena_printf(c->arena, "%.1fk", rate / 1000)
               : rate >= 9.95 ? arena_printf(c->arena, "%.0f", rate)
                              : arena_printf(c->arena, "%.1f", rate);
}

static const struct doc *list_of(const struct doc *d, const char *name)
{
        const struct doc *list = doc_get(d, name);

        return list && list->type == DOC_LIST ? list : NULL;
}

static const struct doc *pool_named(const struct doc *traffic, const char *name)
{
        const struct doc *pools = list_of(traffic, "pools");

        if (pools && name)
                doc_each (one, pools) {
                        const char *pool = doc_get_string(one, "pool");
                        if (pool && !strcmp(pool, name))
                                return one;
                }
        return NULL;
}

/* "2 of 2 up   +4.1k q/s (x1.8)" */
static void show_target(struct ctl *c, const struct doc *pool, double rate)
{
        double before = real(doc_get(pool, "before"), "rate"), after = real(doc_get(pool, "after"), "rate");
        char up[30], of[30];

        if (pool && *ctl_member(pool, "up", up, sizeof(up)))
                printf("   %s of %s up", up, ctl_member(pool, "of", of, sizeof(of)));
        printf("   +%s q/s", short_rate(c, rate));
        if (before > 0)
                printf(" (x%.1f)", after / before);
}

static void show_move(struct ctl *c, const struct doc *traffic, const struct doc *move)
{
        const char *service = doc_get_string(move, "service"), *clients = doc_get_string(move, "clients");
        const char *from = doc_get_string(move, "from"), *to = doc_get_string(move, "to");
        const struct doc *answered = doc_get(move, "answered");

        printf("  %s   %s clients", service ? service : "?", clients ? clients : "other");
        if (from && to && !strcmp(from, to)) {
                printf(" within %s   %s q/s\n", to, short_rate(c, real(move, "rate")));
                return;
        }
        if (!from)
                printf(" from NOBODY");
        printf(" -> %s", to ? to : answered && answered->boolean ? "NOBODY" : "no answer");
        show_target(c, pool_named(traffic, to), real(move, "rate"));
        printf("\n");
}

static void show_moves(struct ctl *c, const struct doc *traffic)
{
        const struct doc *moves = list_of(traffic, "moves"), *left = doc_get(traffic, "left_out");
        int64_t more = 0;

        if (!moves)
                return;
        doc_get_int(left, "moves", &more);
        doc_each (one, moves)
                if (one->index < SHOWN_MOST)
                        show_move(c, traffic, one);
        more += moves->count > SHOWN_MOST ? moves->count - SHOWN_MOST : 0;
        if (more)
                printf("  and %lld more ways of services and clients: -o json\n", (long long)more);
}

/* What changes of one list, as rows of one table. */
static void add_rows(struct ctl *c, struct doc *rows, const struct doc *list, const char *kind, const char *member)
{
        unsigned shown = 0;

        if (list)
                doc_each (one, list) {
                        const struct doc *before = doc_get(one, "before"), *after = doc_get(one, "after");
                        double was = real(before, "share"), is = real(after, "share");
                        const char *name = doc_get_string(one, member);
                        if ((was - is < SHOWN_LEAST && is - was < SHOWN_LEAST) || shown++ >= SHOWN_MOST)
                                continue;
                        struct doc *row = doc_add_map(c->arena, rows, NULL);
                        doc_add_format(c->arena, row, "what", "%s %s", kind, name ? name : "-");
                        doc_add_format(c->arena, row, "share", "%.1f%% -> %.1f%%", 100 * was, 100 * is);
                        doc_add_format(c->arena, row, "rate", "%s -> %s", short_rate(c, real(before, "rate")),
                                       short_rate(c, real(after, "rate")));
                }
}

static void show_loads(const struct doc *traffic)
{
        const struct doc *list = list_of(traffic, "over_max_load");
        char endpoint[300];

        if (list)
                doc_each (one, list)
                        printf("  %s would pass its max_load: load %.4g -> %.4g, max_load %.4g\n",
                               ctl_member(one, "endpoint", endpoint, sizeof(endpoint)), real(one, "load"),
                               real(one, "then"), real(one, "max_load"));
}

bool ctl_leaves_nobody(const struct doc *traffic)
{
        const struct doc *nobody = doc_get(traffic, "nobody");

        return real(doc_get(nobody, "after"), "share") > real(doc_get(nobody, "before"), "share");
}

void ctl_show_traffic(struct ctl *c, const struct doc *traffic)
{
        static const char *const columns[] = {"WHAT=what", "SHARE=share", "Q/S=rate", NULL};
        struct doc *rows = doc_new(c->arena, DOC_LIST);
        int64_t seconds = 0;

        if (!traffic || traffic->type != DOC_MAP || real(traffic, "answers") <= 0) /* nobody has asked */
                return;
        doc_get_int(traffic, "seconds", &seconds);
        const char *minutes = arena_printf(c->arena, "%lld min", (long long)(seconds + 59) / 60);
        printf("traffic, as in the last %s: %.1f%% of %s q/s would move\n", minutes,
               100 * real(doc_get(traffic, "moved"), "share"), short_rate(c, real(traffic, "rate")));
        show_moves(c, traffic);
        show_loads(traffic);
        add_rows(c, rows, list_of(traffic, "clients"), "clients of", "region");
        add_rows(c, rows, list_of(traffic, "regions"), "region", "region");
        add_rows(c, rows, list_of(traffic, "pools"), "pool", "pool");
        add_rows(c, rows, list_of(traffic, "endpoints"), "endpoint", "endpoint");
        if (rows->count)
                ctl_table(c, rows, columns);
}
