/* Commands that look: health, explain, revisions, events, ready. */
#include <stdio.h>
#include <string.h>
#include "admin/ctl/ctl.h"

/* --- health --- */

static int health_one(struct ctl *c)
{
        static const char *const columns[] = {"PROBER=prober", "STATE=state", "REASON=reason", "DETAIL=detail",
                                              "RTT MS=rtt_ms", "SINCE=since", "LIVE=live",     NULL};
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
        static const char *const members[] = {"id",     "address", "region", "monitor", "state",   "reason",
                                              "detail", "prober",  "since",  "changes", "drained", "enabled"};
        for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
                if (*ctl_member(d, members[i], text, sizeof(text)))
                        printf("%-8s %s\n", members[i], text);
        if (doc_get(d, "verdicts")) {
                printf("\n");
                ctl_table(doc_get(d, "verdicts"), columns);
        }
        return CTL_OK;
}

int ctl_health(struct ctl *c)
{
        static const char *const columns[] = {"ENDPOINT=id", "REGION=region",   "ADDRESS=address",
                                              "STATE=state", "REASON=reason",   "DETAIL=detail",
                                              "SINCE=since", "DRAINED=drained", NULL};
        static const char *const probers[] = {"PROBER=name", "LIVE=live",       "UP=up",
                                              "DOWN=down",   "UNKNOWN=unknown", "REPORT MS AGO=last_report_ms_ago",
                                              NULL};
        struct doc *d;

        if (c->argc == 1)
                return health_one(c);
        int status = ctl_call(c, "GET", "health", NULL, &d);
        if (status || ctl_show_as_document(c, d))
                return status;
        ctl_table(doc_get(d, "items"), columns);
        printf("\n");
        ctl_table(doc_get(d, "probers"), probers);
        return CTL_OK;
}

/* --- explain --- */

static void tell_located(const struct doc *d)
{
        char by[80], region[200], detail[200], where[200];
        const struct doc *located = doc_get(d, "located");

        if (!located)
                return;
        ctl_member(located, "by", by, sizeof(by));
        ctl_member(located, "region", region, sizeof(region));
        if (!strcmp(by, "network"))
                printf("The client is in region %s, because it is in the network %s.\n", region,
                       ctl_member(located, "network", detail, sizeof(detail)));
        else if (!strcmp(by, "geoip"))
                printf("The client is in region %s, because GeoIP says %s.\n", region,
                       ctl_member(located, "match", detail, sizeof(detail)));
        else
                printf("The client is in region %s, the default: no network and no match of a region holds it.\n",
                       region);
        if (*ctl_member(located, "country", where, sizeof(where)))
                printf("  GeoIP: country %s, continent %s\n", where,
                       ctl_member(located, "continent", detail, sizeof(detail)));
}

static void tell_pools(const struct doc *d)
{
        static const char *const columns[] = {"    ENDPOINT=name",
                                              "ADDRESS=address",
                                              "HEALTH=health",
                                              "DRAINED=drained",
                                              "WEIGHT=weight",
                                              "SHARE=share",
                                              NULL};
        const struct doc *pools = doc_get(d, "pools");
        char name[200], region[200], reason[300], balance[80];
        unsigned n = 0;

        if (!pools)
                return;
        printf("Its pools, in the order for this client:\n");
        doc_each (pool, pools) {
                const struct doc *used = doc_get(pool, "used");
                printf("\n%s %u. %s in %s (%s): %s\n", used && used->boolean ? "->" : "  ", ++n,
                       ctl_member(pool, "name", name, sizeof(name)), ctl_member(pool, "region", region, sizeof(region)),
                       ctl_member(pool, "balance", balance, sizeof(balance)),
                       ctl_member(pool, "reason", reason, sizeof(reason)));
                ctl_table(doc_get(pool, "endpoints"), columns);
        }
}

int ctl_explain(struct ctl *c)
{
        char text[400], ttl[40], scope[40];
        struct doc *d;

        if (c->argc != 1 || !c->client) {
                fprintf(stderr, "gslbctl: explain: expected NAME --client ADDRESS\n");
                return CTL_USAGE;
        }
        int status = ctl_call(c, "GET",
                              arena_printf(c->arena, "explain?name=%s&client=%s&type=%s", ctl_escape(c, c->argv[0]),
                                           ctl_escape(c, c->client), c->type ? ctl_escape(c, c->type) : "A"),
                              NULL, &d);
        if (status || ctl_show_as_document(c, d))
                return status;
        printf("%s ", ctl_member(d, "name", text, sizeof(text)));
        printf("%s for ", ctl_member(d, "type", text, sizeof(text)));
        printf("%s at revision ", ctl_member(d, "client", text, sizeof(text)));
        printf("%s\n\n", ctl_member(d, "revision", text, sizeof(text)));
        tell_located(d);
        tell_pools(d);
        if (*ctl_member(d, "result", text, sizeof(text)))
                printf("Result: %s\n", text);
        if (doc_get(d, "answer"))
                printf("\nAnswer: %s, TTL %s, true for clients in /%s\n",
                       *ctl_member(d, "answer", text, sizeof(text)) ? text : "none (NODATA)",
                       ctl_member(d, "ttl", ttl, sizeof(ttl)), ctl_member(d, "scope", scope, sizeof(scope)));
        return CTL_OK;
}

/* --- history --- */

int ctl_revisions(struct ctl *c)
{
        static const char *const columns[] = {"REVISION=number", "TIME=time",       "AUTHOR=author",
                                              "CHANGES=count",   "COMMENT=comment", NULL};
        struct doc *d;
        int status = ctl_call(c, "GET",
                              arena_printf(c->arena, "revisions?limit=%s", c->limit ? ctl_escape(c, c->limit) : "20"),
                              NULL, &d);

        if (!status && !ctl_show_as_document(c, d))
                ctl_table(doc_get(d, "items"), columns);
        return status;
}

int ctl_revision(struct ctl *c)
{
        struct doc *d;

        if (c->argc != 1) {
                fprintf(stderr, "gslbctl: revision: expected a number\n");
                return CTL_USAGE;
        }
        int status = ctl_call(c, "GET", arena_printf(c->arena, "revisions/%s", ctl_escape(c, c->argv[0])), NULL, &d);
        if (status)
                return status;
        if (c->output == OUTPUT_TABLE)
                c->output = OUTPUT_YAML;
        ctl_show_as_document(c, d);
        return CTL_OK;
}

int ctl_rollback(struct ctl *c)
{
        struct doc *d;

        if (c->argc != 1) {
                fprintf(stderr, "gslbctl: rollback: expected a revision's number\n");
                return CTL_USAGE;
        }
        int status = ctl_call(c, "POST",
                              arena_printf(c->arena, "revisions/%s/rollback%s", ctl_escape(c, c->argv[0]),
                                           c->dry_run ? "?dry_run=true" : ""),
                              NULL, &d);
        if (!status)
                ctl_show_change(c, d);
        return status;
}

int ctl_events(struct ctl *c)
{
        static const char *const columns[] = {"TIME=time",     "ENDPOINT=endpoint", "STATE=state", "REASON=reason",
                                              "DETAIL=detail", "PROBER=prober",     NULL};
        struct doc *d;
        int status =
                ctl_call(c, "GET", arena_printf(c->arena, "events?limit=%s", c->limit ? ctl_escape(c, c->limit) : "50"),
                         NULL, &d);

        if (!status && !ctl_show_as_document(c, d))
                ctl_table(doc_get(d, "items"), columns);
        return status;
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
                printf("%s, revision %s\n", ready && ready->boolean ? "ready" : "not ready",
                       ctl_member(d, "revision", text, sizeof(text)));
                for (const struct doc *one = reasons ? reasons->first : NULL; one; one = one->next)
                        printf("  %s\n", one->string);
        }
        return ready && ready->boolean ? CTL_OK : CTL_REFUSED;
}
