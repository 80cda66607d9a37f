/* Commands that look: health, limits, ready. */
#include <stdio.h>
#include <string.h>
#include "admin/ctl/ctl.h"

/* --- health --- */

static int health_one(struct ctl *c)
{
        static const char *const columns[] = {"PROBER=prober", "STATE=state",   "LIVE=live",     "SINCE=since",
                                              "RTT MS=rtt_ms", "REASON=reason", "DETAIL=detail", NULL};
        const char *slash = strchr(c->argv[0], '/');
        struct doc *d;
        char text[200];

        if (!slash) {
                fprintf(stderr, "gslbctl: expected POOL/ENDPOINT, got \"%s\"\n", c->argv[0]);
                return CTL_USAGE;
        }
        const char *pool = arena_strndup(c->arena, c->argv[0], (size_t)(slash - c->argv[0]));
        int status = ctl_call(c, "GET",
                              arena_printf(c->arena, "health/%s/%s", ctl_escape(c, pool), ctl_escape(c, slash + 1)),
                              NULL, &d);
        if (status || ctl_show_as_document(c, d))
                return status;
        static const char *const members[] = {"id",
                                              "address",
                                              "region",
                                              "monitor",
                                              "state",
                                              "reason",
                                              "detail",
                                              "prober",
                                              "since",
                                              "changes",
                                              "drained",
                                              "enabled",
                                              "held",
                                              "hold_since",
                                              "quarantined",
                                              "paused",
                                              "half_open_percent",
                                              "weight_percent",
                                              "schedule.in_force",
                                              "schedule.until"};
        for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
                if (*ctl_member(d, members[i], text, sizeof(text)))
                        printf("%-17s %s\n", members[i], text);
        if (doc_get(d, "verdicts")) {
                printf("\n");
                ctl_table(c, doc_get(d, "verdicts"), columns);
        }
        return CTL_OK;
}

int ctl_health(struct ctl *c)
{
        static const char *const columns[] = {"ENDPOINT=id",      "REGION=region",    "ADDRESS=address",
                                              "STATE=state",      "DRAINED=drained",  "SINCE=since",
                                              "+MONITOR=monitor", "+CHANGES=changes", "+PROBER=prober",
                                              "REASON=reason",    "DETAIL=detail",    NULL};
        /* What is another each time tells nothing when it is watched. */
        const char *const probers[] = {
                "PROBER=name", "LIVE=live",       "UP=up",
                "DOWN=down",   "UNKNOWN=unknown", c->watch ? NULL : "REPORT MS AGO=last_report_ms_ago",
                NULL};
        struct doc *d;

        if (c->argc == 1)
                return health_one(c);
        int status = ctl_pages(c, arena_printf(c->arena, "health?%s", ctl_filters(c)), &d);
        if (status || ctl_show_as_document(c, d))
                return status;
        ctl_table(c, doc_get(d, "items"), columns);
        if (c->output == OUTPUT_NAME)
                return CTL_OK;
        printf("\n");
        ctl_table(c, doc_get(d, "probers"), probers);
        return CTL_OK;
}

int ctl_limits(struct ctl *c)
{
        static const char *const columns[] = {"NETWORK=network", "QUERIES=queries", "LIMITED=limited", NULL};
        static const char *const members[] = {"mode", "limited", "slipped", "dropped", "buckets"};
        char text[40];
        struct doc *d;
        int status =
                ctl_call(c, "GET", arena_printf(c->arena, "limits?limit=%s", c->limit ? ctl_escape(c, c->limit) : "20"),
                         NULL, &d);

        if (status || ctl_show_as_document(c, d))
                return status;
        for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
                printf("%-8s %s\n", members[i], ctl_member(d, members[i], text, sizeof(text)));
        printf("\nthe busiest networks of the last %s s\n", ctl_member(d, "seconds", text, sizeof(text)));
        ctl_table(c, doc_get(d, "busiest"), columns);
        return CTL_OK;
}

/* What was asked for and is not as configured; no reason to worry, but to know. */
static void tell_in_force(const struct doc *d)
{
        int64_t in_force = 0, waiting = 0;

        doc_get_int(d, "drains_in_force", &in_force);
        doc_get_int(d, "drains_waiting", &waiting);
        if (in_force || waiting)
                printf("  drains: %lld in force, %lld waiting; `gslbctl drains` lists them\n", (long long)in_force,
                       (long long)waiting);
        if (doc_get_int(d, "schedules_in_force", &in_force) && in_force)
                printf("  schedules: %lld %s in force\n", (long long)in_force, in_force == 1 ? "is" : "are");
}

static void show_holds(const struct doc *ready)
{
        const struct doc *holds = doc_get(ready, "holds");
        int64_t pools = 0, endpoints = 0;

        if (!holds || holds->type != DOC_MAP)
                return;
        doc_get_int(holds, "pools", &pools);
        doc_get_int(holds, "endpoints", &endpoints);
        if (pools || endpoints)
                printf("  holds: %lld pools and %lld endpoints are back, and wait for their failback; `gslbctl "
                       "holds`\n",
                       (long long)pools, (long long)endpoints);
}

int ctl_ready(struct ctl *c)
{
        const struct doc *ready, *reasons;
        char text[200];
        struct doc *d;
        int status = ctl_call(c, "GET", "ready", NULL, &d);

        if (status)
                return status;
        ready = doc_get(d, "ready");
        reasons = doc_get(d, "reasons");
        if (!ctl_show_as_document(c, d)) {
                printf("%s, revision %s\n", ready && ready->type == DOC_BOOL && ready->boolean ? "ready" : "not ready",
                       ctl_member(d, "revision", text, sizeof(text)));
                tell_in_force(d);
                show_holds(d);
                for (const struct doc *one = reasons && reasons->type == DOC_LIST ? reasons->first : NULL; one;
                     one = one->next)
                        printf("  %s\n", ctl_member(one, "", text, sizeof(text)));
        }
        return ready && ready->type == DOC_BOOL && ready->boolean ? CTL_OK : CTL_REFUSED;
}
