/* gslbctl traffic: how much goes where. */
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
        doc_get_int(d, "answers", &answers);
        doc_get_int(d, "left_out", &left_out);
        doc_get_int(d, "dropped", &dropped);
        printf("%lld answers since %s, %.1f q/s now\n", (long long)answers, ctl_member(d, "since", text, sizeof(text)),
               real(d, "rate"));
        if (left_out)
                printf("%lld more are left out: --limit\n", (long long)left_out);
        if (dropped)
                printf("%lld answers since the start could not be counted: more came at once than there was room for\n",
                       (long long)dropped);
        return CTL_OK;
}
