/* Commands that look: health, explain, revisions, events, ready. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
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
        static const char *const members[] = {
                "id",     "address",     "region", "monitor",           "state",         "reason",
                "detail", "prober",      "since",  "changes",           "drained",       "enabled",
                "held",   "quarantined", "paused", "half_open_percent", "weight_percent"};
        for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
                if (*ctl_member(d, members[i], text, sizeof(text)))
                        printf("%-17s %s\n", members[i], text);
        if (doc_get(d, "verdicts")) {
                printf("\n");
                ctl_table(doc_get(d, "verdicts"), columns);
        }
        return CTL_OK;
}

static int accept_held(struct ctl *c)
{
        struct doc *body = doc_new(c->arena, DOC_MAP), *d;
        char text[30];

        if (c->for_time)
                doc_add_string(c->arena, body, "for", c->for_time);
        if (c->reason)
                doc_add_string(c->arena, body, "reason", c->reason);
        int status = ctl_call(c, "POST", "health/accept", body, &d);
        if (status || ctl_show_as_document(c, d))
                return status;
        if (!strcmp(ctl_member(d, "accepted", text, sizeof(text)), "0"))
                printf("nothing is held: nothing was accepted, and the brake stays on\n");
        else
                printf("%s held changes are accepted; nothing is held for %s\n", text,
                       c->for_time ? c->for_time : "10m");
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
                return strcmp(c->argv[0], "accept") ? health_one(c) : accept_held(c);
        int status = ctl_call(c, "GET", "health", NULL, &d);
        if (status || ctl_show_as_document(c, d))
                return status;
        ctl_table(doc_get(d, "items"), columns);
        printf("\n");
        ctl_table(doc_get(d, "probers"), probers);
        return CTL_OK;
}

/* --- explain --- */

/* gslbd tells the story in sentences; tables of endpoints stand in the document (-o json). */
static void tell_story(const struct doc *d)
{
        const struct doc *story = doc_get(d, "story");

        if (story)
                doc_each (sentence, story)
                        if (sentence->type == DOC_STRING)
                                printf("%s\n", sentence->string);
}

int ctl_explain(struct ctl *c)
{
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
        tell_story(d);
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
        static const char *const columns[] = {
                "TIME=time",     "ENDPOINT=endpoint", "STATE=state",        "REASON=reason",
                "DETAIL=detail", "PROBER=prober",     "AFTER MS=lasted_ms", NULL};
        const char *query = arena_printf(c->arena, "events?limit=%s", c->limit ? ctl_escape(c, c->limit) : "50");
        char number[30] = "0";
        struct doc *d;

        for (;;) {
                int status = ctl_call(c, "GET", query, NULL, &d);
                if (status)
                        return status;
                const struct doc *items = doc_get(d, "items");
                if (items && items->count)
                        ctl_member(items->last, "number", number, sizeof(number));
                if ((!c->follow || (items && items->count)) && !ctl_show_as_document(c, d))
                        ctl_table(items, columns);
                if (!c->follow)
                        return CTL_OK;
                fflush(stdout);
                sleep(1);
                query = arena_printf(c->arena, "events?after=%s", number);
        }
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
