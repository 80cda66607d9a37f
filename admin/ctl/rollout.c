/* Commands about what gslbd does about changes later: confirms and shifts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/ctl/ctl.h"

int ctl_confirms(struct ctl *c)
{
        static const char *const columns[] = {"REVISION=name",     "STATE=state",     "UNTIL=until", "BY=by",
                                              "ABORT IF=abort_if", "FIGURES=figures", NULL};
        struct doc *d;
        char name[30], why[2000];
        int status = ctl_call(c, "GET", "confirms", NULL, &d);

        if (status || ctl_show_as_document(c, d))
                return status;
        const struct doc *items = doc_get(d, "items");
        ctl_table(c, items, columns);
        for (const struct doc *one = items ? items->first : NULL; one; one = one->next)
                if (*ctl_member(one, "why", why, sizeof(why)))
                        printf("revision %s cannot go back: %s\n", ctl_member(one, "name", name, sizeof(name)), why);
        return CTL_OK;
}

/* The one that waits, when no other does. */
static int only_one(struct ctl *c, const char **name)
{
        struct doc *d;
        int status = ctl_call(c, "GET", "confirms", NULL, &d);
        const struct doc *items = status ? NULL : doc_get(d, "items");

        if (status)
                return status;
        if (items && items->count == 1 && (*name = doc_get_string(items->first, "name")))
                return CTL_OK;
        if (!items || !items->count) {
                fprintf(stderr, "gslbctl: no revision waits for a confirmation\n");
                return CTL_REFUSED;
        }
        fprintf(stderr, "gslbctl: confirm: expected the number of a revision, one of");
        for (const struct doc *one = items->first; one; one = one->next)
                fprintf(stderr, " %s", doc_get_string(one, "name"));
        fprintf(stderr, "\n");
        return CTL_USAGE;
}

int ctl_confirm(struct ctl *c)
{
        const char *name = c->argc ? c->argv[0] : NULL;
        int status = name ? CTL_OK : only_one(c, &name);

        if (!status)
                status = ctl_change(c, "POST", arena_printf(c->arena, "confirms/%s/confirm", ctl_escape(c, name)), NULL,
                                    NULL);
        if (!status && ctl_is_table(c) && !c->dry_run)
                printf("revision %s stays\n", name);
        return status;
}

/* --- shifts --- */

/* "1,10,50,100" as a list; what is no number is told by gslbd. */
static void add_steps(struct ctl *c, struct doc *body)
{
        struct doc *list = doc_add_list(c->arena, body, "steps");
        char *end;

        for (const char *at = c->steps; at && *at; at += strcspn(at, ",") + (at[strcspn(at, ",")] == ',')) {
                const char *word = arena_strndup(c->arena, at, strcspn(at, ","));
                long long step = strtoll(word, &end, 10);
                doc_add(list, NULL, *end || !*word ? doc_string(c->arena, word) : doc_int(c->arena, step));
        }
}

static void show_shift(const struct doc *reply)
{
        char to[300], percent[30], next[60], steps[400];

        if (!doc_get(reply, "shift"))
                return;
        const struct doc *list = doc_get(doc_get(reply, "shift"), "steps");
        ctl_member(list ? list->first : NULL, "", percent, sizeof(percent));
        printf("%s has %s%% now, of %s; the next step comes at %s\n", ctl_member(reply, "shift.to", to, sizeof(to)),
               percent, ctl_member(reply, "shift.steps", steps, sizeof(steps)),
               ctl_member(reply, "shift.next", next, sizeof(next)));
}

int ctl_shift(struct ctl *c)
{
        struct doc *body = doc_new(c->arena, DOC_MAP), *reply;

        if (!c->to || !c->steps) {
                fprintf(stderr, "gslbctl: shift: expected --to POOL and --steps, as 1,10,50,100\n");
                return CTL_USAGE;
        }
        doc_add_string(c->arena, body, "to", c->to);
        add_steps(c, body);
        if (c->every)
                doc_add_string(c->arena, body, "every", c->every);
        if (c->abort_if)
                doc_add_string(c->arena, body, "abort_if", c->abort_if);
        c->abort_if = NULL; /* it goes with the body, not with the call */
        int status = ctl_change(c, "POST", arena_printf(c->arena, "services/%s/shift", ctl_escape(c, c->argv[0])), body,
                                &reply);
        if ((!status || status == CTL_DIFFERENT) && ctl_is_table(c) && !c->dry_run)
                show_shift(reply);
        return status;
}

static int say(struct ctl *c, const char *word)
{
        struct doc *reply;
        char warning[400];
        int status =
                ctl_change(c, "POST", arena_printf(c->arena, "services/%s/shift/%s", ctl_escape(c, c->argv[0]), word),
                           NULL, &reply);

        if ((!status || status == CTL_DIFFERENT) && ctl_is_table(c) &&
            *ctl_member(reply, "warning", warning, sizeof(warning)))
                printf("warning: %s\n", warning);
        return status;
}

int ctl_shift_pause(struct ctl *c)
{
        return say(c, "pause");
}

int ctl_shift_resume(struct ctl *c)
{
        return say(c, "resume");
}

int ctl_shift_abort(struct ctl *c)
{
        return say(c, "abort");
}

int ctl_shifts(struct ctl *c)
{
        static const char *const columns[] = {"SERVICE=name",    "TO=to",     "PERCENT=percent", "STEPS=steps",
                                              "STATE=state",     "NEXT=next", "BY=by",           "ABORT IF=abort_if",
                                              "FIGURES=figures", NULL};
        struct doc *d;
        char name[300], why[2000];
        int status = ctl_call(c, "GET", "shifts", NULL, &d);

        if (status || ctl_show_as_document(c, d))
                return status;
        const struct doc *items = doc_get(d, "items");
        ctl_table(c, items, columns);
        for (const struct doc *one = items ? items->first : NULL; one; one = one->next)
                if (*ctl_member(one, "why", why, sizeof(why)))
                        printf("%s: %s\n", ctl_member(one, "name", name, sizeof(name)), why);
        return CTL_OK;
}
