/* A check that every prober is to try at once. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "admin/ctl/ctl.h"
#include "base/clock.h"

#define LOOK_US 200000

static int64_t number_of(const struct doc *d, const char *member)
{
        const struct doc *one = doc_get(d, member);

        return one && one->type == DOC_INT ? one->integer : 0;
}

/* How long all may take together; 0: as long as gslbd waits for them. false: a message was printed. */
static bool read_time(const struct ctl *c, int64_t *ms)
{
        *ms = 0;
        if (!c->timeout || (duration_parse(c->timeout, ms) && *ms > 0))
                return true;
        fprintf(stderr, "gslbctl: --timeout: expected a time such as 30s, got \"%s\"\n", c->timeout);
        return false;
}

/* Looks until nobody is waited for, or the time is over. */
static int follow(struct ctl *c, const char *path, int64_t most_ms, struct doc **d)
{
        const char *number = doc_get_string(*d, "number");
        uint64_t begin = clock_ms();
        int status = CTL_OK;

        if (!number)
                return CTL_OK;
        path = arena_printf(c->arena, "%s/%s", path, ctl_escape(c, number));
        while (!status && number_of(*d, "waiting") && (!most_ms || clock_ms() - begin < (uint64_t)most_ms)) {
                usleep(LOOK_US);
                status = ctl_call(c, "GET", path, NULL, d);
        }
        return status;
}

static void show(struct ctl *c, const struct doc *d)
{
        static const char *const columns[] = {
                "PROBER=prober", "MONITOR=monitor", "RESULT=answer", "REASON=reason", "DETAIL=detail",
                "TOOK=took",     "STATE=state",     "SINCE=since",   "WHY=why",       NULL};
        const struct doc *list = doc_get(d, "probers");
        struct doc *rows = doc_new(c->arena, DOC_LIST);
        char monitor[300], took[40], id[700], state[40];

        ctl_member(d, "monitor", monitor, sizeof(monitor));
        for (const struct doc *one = list ? list->first : NULL; one; one = one->next) {
                struct doc *row = doc_copy(c->arena, one);
                doc_add_string(c->arena, row, "monitor", monitor);
                if (*ctl_member(one, "took_ms", took, sizeof(took) - 3))
                        doc_add_format(c->arena, row, "took", "%s ms", took);
                doc_add(rows, NULL, row);
        }
        ctl_table(c, rows, columns);
        if (c->output != OUTPUT_NAME)
                printf("%s is %s\n", ctl_member(d, "id", id, sizeof(id)), ctl_member(d, "state", state, sizeof(state)));
}

/* Whether all who check it say that it passes. */
static bool all_passed(const struct doc *d)
{
        const struct doc *list = doc_get(d, "probers");
        bool good = number_of(d, "passed") > 0;

        for (const struct doc *one = list ? list->first : NULL; one; one = one->next) {
                const char *answer = doc_get_string(one, "answer");
                good = good && answer && (!strcmp(answer, "passed") || !strcmp(answer, "not asked"));
        }
        return good;
}

int ctl_check(struct ctl *c)
{
        const char *endpoint = ctl_item_path(c, "endpoint", c->argv[0]);
        struct doc *d;
        int64_t most_ms;

        if (!endpoint || !read_time(c, &most_ms))
                return CTL_USAGE;
        if (!c->now) {
                fprintf(stderr, "gslbctl: check: expected --now; `gslbctl health %s` shows what is known\n",
                        c->argv[0]);
                return CTL_USAGE;
        }
        const char *path = arena_printf(c->arena, "%s/check", endpoint);
        int status = ctl_call(c, "POST", c->dry_run ? arena_printf(c->arena, "%s?dry_run", path) : path, NULL, &d);
        c->if_match = NULL; /* it was of the call that asks */
        if (!status)
                status = follow(c, path, most_ms, &d);
        if (status)
                return status;
        if (!ctl_show_as_document(c, d))
                show(c, d);
        return c->dry_run || all_passed(d) ? CTL_OK : CTL_REFUSED;
}
