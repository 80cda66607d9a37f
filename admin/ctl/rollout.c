/* Commands about what gslbd does about changes later: confirms. */
#include <stdio.h>
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
