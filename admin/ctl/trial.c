/* Changes that wait until the checks that they bring pass: following one, and the list. */
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
                        printf("%s checks passed\nrevision %s\n", ctl_member(trial, "passed", text, 30),
                               ctl_member(trial, "revision", text + 40, 30));
                else
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
