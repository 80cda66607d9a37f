/* Many endpoints in one revision. */
#include <stdio.h>
#include <stdlib.h>
#include "admin/ctl/ctl.h"

/* Sends what to do with what --region, --pool, --label and --cidr select. */
static int bulk(struct ctl *c, struct doc *body)
{
        struct doc *select = doc_add_map(c->arena, body, "select");
        const struct {
                const char *name, *value;
        } selectors[] = {{"region", c->region}, {"pool", c->pool}, {"label", c->label}, {"cidr", c->cidr}};

        for (size_t i = 0; i < sizeof(selectors) / sizeof(*selectors); i++)
                if (selectors[i].value)
                        doc_add_string(c->arena, select, selectors[i].name, selectors[i].value);
        if (select->count)
                return ctl_change(c, "POST", "bulk", body, NULL);
        fprintf(stderr, "gslbctl: bulk: expected one or more of --region, --pool, --label, --cidr\n");
        return CTL_USAGE;
}

int ctl_bulk_drain(struct ctl *c)
{
        struct doc *body = doc_new(c->arena, DOC_MAP), *drain = doc_add_map(c->arena, body, "drain");

        ctl_drain_form(c, drain);
        return bulk(c, body);
}

static int bulk_flag(struct ctl *c, const char *name, bool value)
{
        struct doc *body = doc_new(c->arena, DOC_MAP);

        doc_add_bool(c->arena, body, name, value);
        return bulk(c, body);
}

int ctl_bulk_restore(struct ctl *c)
{
        return bulk_flag(c, "restore", true);
}

int ctl_bulk_enable(struct ctl *c)
{
        return bulk_flag(c, "enabled", true);
}

int ctl_bulk_disable(struct ctl *c)
{
        return bulk_flag(c, "enabled", false);
}

int ctl_bulk_weight(struct ctl *c)
{
        struct doc *body = doc_new(c->arena, DOC_MAP);
        char *end;
        long long weight = strtoll(c->argv[0], &end, 10);

        if (!*c->argv[0] || *end) {
                fprintf(stderr, "gslbctl: bulk weight: expected an integer, got \"%s\"\n", c->argv[0]);
                return CTL_USAGE;
        }
        doc_add_int(c->arena, body, "weight", weight);
        return bulk(c, body);
}
