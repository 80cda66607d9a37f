/* Taking out of answers and bringing back: regions, pools, endpoints, one or many. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/ctl/ctl.h"

/* --reason, when it goes with the body, not with the call. */
static void add_reason(struct ctl *c, struct doc *body, const char *name)
{
        if (c->reason)
                doc_add_string(c->arena, body, name, c->reason);
        c->reason = NULL;
}

/* What --for and --reason say, under the names that the call has for them. */
static struct doc *form_of(struct ctl *c, const char *time, const char *reason)
{
        struct doc *body = doc_new(c->arena, DOC_MAP);

        if (c->for_time)
                doc_add_string(c->arena, body, time, c->for_time);
        add_reason(c, body, reason);
        return body;
}

void ctl_drain_form(struct ctl *c, struct doc *body)
{
        if (c->for_time)
                doc_add_string(c->arena, body, "for", c->for_time);
        if (c->at)
                doc_add_string(c->arena, body, "at", c->at);
        if (c->over)
                doc_add_string(c->arena, body, "over", c->over);
        if (c->replace)
                doc_add_bool(c->arena, body, "replace", true);
        add_reason(c, body, "reason");
}

static void show_replaced(const struct doc *replaced)
{
        char by[100], until[60], reason[200];

        if (!replaced || replaced->type != DOC_LIST)
                return;
        doc_each (one, replaced)
                if (one->type == DOC_MAP) {
                        ctl_member(one, "until", until, sizeof(until));
                        printf("replaces the drain by %s until %s: %s\n", ctl_member(one, "by", by, sizeof(by)),
                               *until ? until : "it is restored", ctl_member(one, "reason", reason, sizeof(reason)));
                }
}

static int drain(struct ctl *c, const char *kind)
{
        const char *path = ctl_item_path(c, kind, c->argv[0]);
        struct doc *body = doc_new(c->arena, DOC_MAP), *reply;
        char until[60], safe[60], since[60], warning[200];

        if (!path)
                return CTL_USAGE;
        ctl_drain_form(c, body);
        int status = ctl_change(c, "POST", arena_printf(c->arena, "%s/drain", path), body, &reply);
        if ((status && status != CTL_DIFFERENT) || !ctl_is_table(c))
                return status;
        show_replaced(doc_get(reply, "replaced"));
        if (*ctl_member(reply, "warning", warning, sizeof(warning)))
                printf("warning: %s\n", warning);
        if (c->dry_run)
                return status;
        ctl_member(reply, "drain.since", since, sizeof(since));
        ctl_member(reply, "drain.until", until, sizeof(until));
        printf("drained %s%s%suntil %s; answers given before are in caches until %s\n", c->at ? "from " : "",
               c->at ? since : "", c->at ? " " : "", until[0] ? until : "it is restored",
               ctl_member(reply, "safe_after", safe, sizeof(safe)));
        return status;
}

/* A pool or an endpoint that was brought back serves nobody while what it stands in is drained. */
static int tell_still_drained(struct ctl *c, const char *name)
{
        const char *pool = arena_strndup(c->arena, name, strcspn(name, "/"));
        const char *whole = strchr(name, '/') ? arena_printf(c->arena, "pool/%s", pool) : "", *region;
        struct doc *document, *drains;
        char until[60];
        int status = ctl_call(c, "GET", arena_printf(c->arena, "pools/%s", ctl_escape(c, pool)), NULL, &document);

        if (status || (status = ctl_pages(c, "drains", &drains)))
                return status;
        ctl_member(document, "region", until, sizeof(until));
        region = arena_printf(c->arena, "region/%s", until);
        const struct doc *items = doc_get(drains, "items");
        for (const struct doc *one = items ? items->first : NULL; one; one = one->next) {
                const char *its = doc_get_string(one, "name");
                if (!its || (strcmp(its, whole) && strcmp(its, region)))
                        continue;
                ctl_member(one, "until", until, sizeof(until));
                printf("still out of answers: %s is drained until %s\n", its, *until ? until : "it is restored");
        }
        return CTL_OK;
}

static int bring_back(struct ctl *c, const char *kind, const char *how)
{
        const char *path = ctl_item_path(c, kind, c->argv[0]);

        if (!path)
                return CTL_USAGE;
        int status = ctl_change(c, "POST", arena_printf(c->arena, "%s/%s", path, how), NULL, NULL);
        if ((!status || status == CTL_DIFFERENT) && ctl_is_table(c) && !c->dry_run && strcmp(kind, "regions"))
                tell_still_drained(c, c->argv[0]);
        return status;
}

int ctl_region_drain(struct ctl *c)
{
        return drain(c, "regions");
}

int ctl_region_restore(struct ctl *c)
{
        return bring_back(c, "regions", "restore");
}

int ctl_pool_drain(struct ctl *c)
{
        return drain(c, "pools");
}

int ctl_pool_restore(struct ctl *c)
{
        return bring_back(c, "pools", "restore");
}

int ctl_endpoint_drain(struct ctl *c)
{
        return drain(c, "endpoints");
}

int ctl_endpoint_restore(struct ctl *c)
{
        return bring_back(c, "endpoints", "restore");
}

int ctl_region_failback(struct ctl *c)
{
        return bring_back(c, "regions", "failback");
}

int ctl_pool_failback(struct ctl *c)
{
        return bring_back(c, "pools", "failback");
}

int ctl_endpoint_failback(struct ctl *c)
{
        return bring_back(c, "endpoints", "failback");
}

int ctl_endpoint_verdict(struct ctl *c)
{
        const char *path = ctl_item_path(c, "endpoints", c->argv[0]);
        struct doc *body = form_of(c, "ttl", "detail"), *reply;

        if (!path)
                return CTL_USAGE;
        doc_add_string(c->arena, body, "state", c->argv[1]);
        return ctl_call(c, "PUT", ctl_change_path(c, arena_printf(c->arena, "%s/verdict", path)), body, &reply);
}

int ctl_health_accept(struct ctl *c)
{
        struct doc *d;
        char text[30];

        int status = ctl_call(c, "POST", ctl_change_path(c, "health/accept"), form_of(c, "for", "reason"), &d);
        if (status || ctl_show_as_document(c, d))
                return status;
        if (!strcmp(ctl_member(d, "accepted", text, sizeof(text)), "0"))
                printf("nothing is held: nothing was accepted, and the brake stays on\n");
        else if (c->dry_run)
                printf("dry run: %s held changes would be accepted; nothing was changed\n", text);
        else
                printf("%s held changes are accepted; nothing is held for %s\n", text,
                       c->for_time ? c->for_time : "10m");
        return CTL_OK;
}

int ctl_schedules(struct ctl *c)
{
        static const char *const columns[] = {"TARGET=target", "UNTIL=schedule.until", "IN FORCE=schedule.in_force",
                                              NULL};
        struct doc *d;
        int status = ctl_call(c, "GET", arena_printf(c->arena, "schedules?%s", ctl_filters(c)), NULL, &d);

        if (!status && !ctl_show_as_document(c, d))
                ctl_table(c, doc_get(d, "items"), columns);
        return status;
}

int ctl_drains(struct ctl *c)
{
        static const char *const columns[] = {"TARGET=name",    "STATE=state",
                                              "ANSWERS/S=rate", /* what --watch is for: within 80 columns */
                                              "SAFE=safe",      "+SAFE AFTER=safe_after",
                                              "BEGIN=since",    "OVER=over",
                                              "END=until",      "BY=by",
                                              "REASON=reason",  NULL};
        struct doc *d;
        int status = ctl_pages(c, arena_printf(c->arena, "drains?%s", ctl_filters(c)), &d);

        if (status || ctl_show_as_document(c, d))
                return status;
        const struct doc *items = doc_get(d, "items");
        for (struct doc *one = items ? items->first : NULL; one; one = one->next)
                if (!doc_get(one, "until"))
                        doc_add_string(c->arena, one, "until", "it is restored");
        ctl_table(c, items, columns);
        return CTL_OK;
}

int ctl_holds(struct ctl *c)
{
        static const char *const columns[] = {"TARGET=name", "SINCE=since", "END=until", "REASON=reason", NULL};
        struct doc *d;
        int status = ctl_pages(c, arena_printf(c->arena, "holds?%s", ctl_filters(c)), &d);

        if (status || ctl_show_as_document(c, d))
                return status;
        const struct doc *items = doc_get(d, "items");
        for (struct doc *one = items ? items->first : NULL; one; one = one->next)
                if (!doc_get(one, "until"))
                        doc_add_string(c->arena, one, "until", "its failback");
        ctl_table(c, items, columns);
        return CTL_OK;
}

/* --- many at once --- */

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
