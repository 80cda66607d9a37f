/* Changes that wait until the checks that they bring pass: following one, the list, one of them and its end. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "admin/ctl/ctl.h"

#define LOOK_US 300000

/* One line that is written over, on a terminal alone. */
static void show_progress(const struct doc *trial, bool terminal)
{
        char passed[30], count[30], id[400] = "", detail[100];
        const struct doc *checks = doc_get(trial, "checks");

        if (!terminal)
                return;
        for (const struct doc *one = checks ? checks->first : NULL; one && !*id; one = one->next)
                if (strcmp(ctl_member(one, "state", detail, sizeof(detail)), "up"))
                        ctl_member(one, "id", id, sizeof(id));
        fprintf(stderr, "\r\033[K%s of %s checks pass%s%s", ctl_member(trial, "passed", passed, sizeof(passed)),
                ctl_member(trial, "count", count, sizeof(count)), *id ? "; waiting for " : "", id);
}

static bool goes_on(const struct doc *trial)
{
        const char *state = doc_get_string(trial, "state");

        return state && (!strcmp(state, "checking") || !strcmp(state, "committing"));
}

/* The revision stands; where it is to be confirmed, its time has begun with it. */
static int show_committed(struct ctl *c, const struct doc *trial)
{
        char passed[30], revision[30], name[30];
        struct doc *d;

        ctl_member(trial, "passed", passed, sizeof(passed));
        ctl_member(trial, "revision", revision, sizeof(revision));
        printf("%s %s passed\nrevision %s\n", passed, strcmp(passed, "1") ? "checks" : "check", revision);
        int status = c->confirm_within ? ctl_call(c, "GET", "confirms", NULL, &d) : CTL_OK;
        if (status || !c->confirm_within)
                return status;
        const struct doc *items = doc_get(d, "items");
        for (const struct doc *one = items ? items->first : NULL; one; one = one->next)
                if (!strcmp(ctl_member(one, "name", name, sizeof(name)), revision)) {
                        ctl_show_confirm(one);
                        return CTL_OK;
                }
        printf("it waits for no confirmation any more; `gslbctl events` tells why\n");
        return CTL_OK;
}

int ctl_follow_trial(struct ctl *c, const struct doc *reply)
{
        const struct doc *trial = doc_get(reply, "trial");
        const char *id = doc_get_string(trial, "id");
        bool terminal = isatty(STDERR_FILENO) && ctl_is_table(c);
        char text[2000];
        struct doc *now = NULL;

        while (id && goes_on(trial)) {
                show_progress(trial, terminal);
                usleep(LOOK_US);
                int status = ctl_call(c, "GET", arena_printf(c->arena, "trials/%s", ctl_escape(c, id)), NULL, &now);
                if (status)
                        return status;
                trial = now;
        }
        if (terminal)
                fprintf(stderr, "\r\033[K");
        bool good = trial && doc_get(trial, "revision") != NULL;
        if (!ctl_show_as_document(c, trial ? trial : reply)) {
                if (good)
                        return show_committed(c, trial);
                fprintf(stderr, "gslbctl: not committed, nothing was changed: %s\n",
                        ctl_member(trial, "why", text, sizeof(text)));
        }
        return good ? CTL_OK : CTL_REFUSED;
}

int ctl_trials(struct ctl *c)
{
        static const char *const columns[] = {"TRIAL=id", "STATE=state", "PASSED=passed", "OF=count",
                                              "BY=by",    "UNTIL=until", "WHY=why",       NULL};
        struct doc *d;
        int status = ctl_call(c, "GET", "trials", NULL, &d);

        if (!status && !ctl_show_as_document(c, d))
                ctl_table(c, doc_get(d, "items"), columns);
        return status;
}

/* --- one --- */

/* The path of the one that is named, or of the one under way when there is but one. */
static int named_or_only(struct ctl *c, const char **id)
{
        struct doc *d;
        unsigned under_way = 0;

        *id = c->argc ? c->argv[0] : NULL;
        int status = *id ? CTL_OK : ctl_call(c, "GET", "trials", NULL, &d);
        if (*id || status)
                return status;
        const struct doc *items = doc_get(d, "items");
        for (const struct doc *one = items ? items->first : NULL; one; one = one->next)
                if (goes_on(one) && doc_get_string(one, "id")) {
                        *id = doc_get_string(one, "id");
                        under_way++;
                }
        if (under_way == 1)
                return CTL_OK;
        if (under_way)
                fprintf(stderr, "gslbctl: trial: %u are under way: expected the id of one, see `gslbctl trials`\n",
                        under_way);
        else
                fprintf(stderr, "gslbctl: no trial is under way; `gslbctl trials` lists the last\n");
        return under_way ? CTL_USAGE : CTL_REFUSED;
}

static void show_trial(const struct ctl *c, const struct doc *d)
{
        static const char *const columns[] = {"ENDPOINT=id", "STATE=state", "REASON=reason", "DETAIL=detail", NULL};
        char id[100], state[40], passed[30], count[30], until[60], text[2000];

        printf("trial %s by %s: %s, %s of %s checks pass", ctl_member(d, "id", id, sizeof(id)),
               ctl_member(d, "by", text, 300), ctl_member(d, "state", state, sizeof(state)),
               ctl_member(d, "passed", passed, sizeof(passed)), ctl_member(d, "count", count, sizeof(count)));
        if (goes_on(d))
                printf(", until %s", ctl_member(d, "until", until, sizeof(until)));
        else if (doc_get(d, "revision"))
                printf(", revision %s", ctl_member(d, "revision", text, 30));
        printf("\n");
        if (*ctl_member(d, "why", text, sizeof(text)))
                printf("%s\n", text);
        ctl_table(c, doc_get(d, "checks"), columns);
}

int ctl_trial(struct ctl *c)
{
        const char *id;
        struct doc *d;
        int status = named_or_only(c, &id);

        if (!status)
                status = ctl_call(c, "GET", arena_printf(c->arena, "trials/%s", ctl_escape(c, id)), NULL, &d);
        if (status || ctl_show_as_document(c, d))
                return status;
        show_trial(c, d);
        return CTL_OK;
}

int ctl_trial_abort(struct ctl *c)
{
        const char *id;
        struct doc *d;
        char why[300];
        int status = named_or_only(c, &id);

        if (!status)
                status =
                        ctl_call(c, "DELETE",
                                 arena_printf(c->arena, "trials/%s%s", ctl_escape(c, id), c->dry_run ? "?dry_run" : ""),
                                 NULL, &d);
        if (!status && !ctl_show_as_document(c, d))
                printf("trial %s%s %s\n", id, c->dry_run ? ": nothing would be changed" : ": nothing was changed,",
                       ctl_member(d, "why", why, sizeof(why)));
        return status;
}
