/* gslbctl top: what goes on: who is asked for most, and how that stands. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "admin/ctl/ctl.h"
#include "admin/ctl/screen/watch.h"

#define ROWS_MOST "200"
#define SINCE     "5m" /* what ANSWERS counts */

static const struct {
        char key;
        const char *by, *title;
} views[] = {{'s', "service", "SERVICE=name"},
             {'p', "pool", "POOL=name"},
             {'e', "endpoint", "ENDPOINT=name"},
             {'c', "region", "CLIENTS OF=name"}};
#define VIEWS (sizeof(views) / sizeof(*views))

static const struct {
        char key;
        const char *sort;
} sorts[] = {{'R', "rate"}, {'A', "answers"}, {'N', "name"}, {'H', "state"}};
#define SORTS (sizeof(sorts) / sizeof(*sorts))

struct top {
        const struct ctl *ctl;
        unsigned view, sort;
};

/* --- rows --- */

struct row {
        const char *name, *state;
        double rate;
        int64_t answers;
        const struct doc *document;
};

static unsigned sorted_by; /* for qsort */

static double real(const struct doc *d, const char *member)
{
        const struct doc *value = doc_get(d, member);

        return !value ? 0 : value->type == DOC_REAL ? value->real : value->type == DOC_INT ? (double)value->integer : 0;
}

/* What is not as it should be comes first. */
static int badness(const char *state)
{
        static const char *const words[] = {"nothing", "waiting", "down", "elsewhere", "little", "drained", "unknown"};

        for (int i = 0; i < (int)(sizeof(words) / sizeof(*words)); i++)
                if (!strcmp(words[i], state))
                        return i;
        return 100;
}

static int row_compare(const void *a, const void *b)
{
        const struct row *one = a, *other = b;
        int by_state = badness(one->state) - badness(other->state);

        if (sorted_by == 3 && by_state)
                return by_state;
        if (sorted_by == 1 && one->answers != other->answers)
                return one->answers < other->answers ? 1 : -1;
        if (sorted_by != 2 && one->rate != other->rate)
                return one->rate < other->rate ? 1 : -1;
        return strcmp(one->name, other->name);
}

/* The items as a table shows them, in the order that is wanted. */
static struct doc *rows_of(struct ctl *c, const struct doc *items, const char *by, unsigned sort)
{
        struct row *rows = ARENA_ARRAY(c->arena, struct row, items->count + 1);
        struct doc *list = doc_new(c->arena, DOC_LIST);
        size_t count = 0;

        doc_each (one, items) {
                const char *name = doc_get_string(one, by), *state = doc_get_string(one, "state");
                rows[count] = (struct row){name ? name : "-", state ? state : "", real(one, "rate"), 0, one};
                doc_get_int(one, "answers", &rows[count++].answers);
        }
        sorted_by = sort;
        qsort(rows, count, sizeof(*rows), row_compare);
        for (size_t i = 0; i < count; i++) {
                struct doc *row = doc_add_map(c->arena, list, NULL);
                int64_t up, endpoints;
                doc_add_string(c->arena, row, "name", rows[i].name);
                doc_add_format(c->arena, row, "rate", "%.1f", rows[i].rate);
                doc_add_format(c->arena, row, "share", "%.1f %%", 100 * real(rows[i].document, "share"));
                doc_add_int(c->arena, row, "answers", rows[i].answers);
                if (doc_get_int(rows[i].document, "up", &up) && doc_get_int(rows[i].document, "endpoints", &endpoints))
                        doc_add_format(c->arena, row, "up", "%lld/%lld", (long long)up, (long long)endpoints);
                doc_add_string(c->arena, row, "state", rows[i].state);
        }
        return list;
}

/* --- a look --- */

static int64_t count_of(const struct doc *services, const char *name)
{
        int64_t value = 0;

        return services && doc_get_int(services, name, &value) ? value : 0;
}

/* One line: whether there is anything to look at with gslbctl status. */
static void tell_head(const struct ctl *c, const struct doc *traffic, const struct doc *status)
{
        static const char *const bad[] = {"nothing", "waiting", "elsewhere", "little"};
        const struct doc *services = doc_get(status, "services"), *reasons = doc_get(status, "reasons");
        char text[40];

        printf("%s%.1f q/s%s  revision %s", ctl_tone(c, TONE_STRONG), real(traffic, "rate"), ctl_tone(c, TONE_PLAIN),
               ctl_member(status, "revision", text, sizeof(text)));
        for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
                if (count_of(services, bad[i]))
                        printf("  %s%lld %s%s", ctl_tone(c, i < 2 ? TONE_BAD : TONE_NOTE),
                               (long long)count_of(services, bad[i]), bad[i], ctl_tone(c, TONE_PLAIN));
        if (reasons && reasons->type == DOC_LIST && reasons->count)
                printf("  %s%u to know%s", ctl_tone(c, TONE_NOTE), reasons->count, ctl_tone(c, TONE_PLAIN));
        printf("\n");
}

static int look(void *context)
{
        const struct top *t = context;
        struct ctl c = *t->ctl;
        const char *const columns[] = {views[t->view].title, "Q/S=rate",        "SHARE=share", "UP=up",
                                       "STATE=state",        "ANSWERS=answers", NULL};
        struct doc *d, *status;

        c.arena = arena_new(0);
        const char *const given[][2] = {{"service", c.service}, {"region", c.region}, {"pool", c.pool}};
        const char *path = arena_printf(c.arena, "traffic?by=%s&limit=" ROWS_MOST "&since=" SINCE, views[t->view].by);
        for (size_t i = 0; i < sizeof(given) / sizeof(*given); i++)
                if (given[i][1])
                        path = arena_printf(c.arena, "%s&%s=%s", path, given[i][0], ctl_escape(&c, given[i][1]));
        int code = ctl_call(&c, "GET", path, NULL, &d);
        if (!code && !ctl_show_as_document(&c, d) && !(code = ctl_call(&c, "GET", "status?limit=1", NULL, &status))) {
                const struct doc *items = doc_get(d, "items");
                tell_head(&c, d, status);
                if (items && items->type == DOC_LIST)
                        ctl_table(&c, rows_of(&c, items, views[t->view].by, t->sort), columns);
        }
        arena_free(c.arena);
        return code;
}

static bool on_key(void *context, int key)
{
        struct top *t = context;

        for (unsigned i = 0; i < VIEWS; i++)
                if (views[i].key == key) {
                        t->view = i;
                        return true;
                }
        for (unsigned i = 0; i < SORTS; i++)
                if (sorts[i].key == key) {
                        t->sort = i;
                        return true;
                }
        return false;
}

/* --- the command --- */

/* false: a message was printed. */
static bool read_options(const struct ctl *c, struct top *t)
{
        bool by = !c->by, sort = !c->sort;

        for (unsigned i = 0; i < VIEWS && !by; i++)
                if ((by = !strcmp(views[i].by, c->by)))
                        t->view = i;
        for (unsigned i = 0; i < SORTS && !sort; i++)
                if ((sort = !strcmp(sorts[i].sort, c->sort)))
                        t->sort = i;
        if (!by)
                fprintf(stderr, "gslbctl: --by: expected service, pool, endpoint or region, got \"%s\"\n", c->by);
        else if (!sort)
                fprintf(stderr, "gslbctl: --sort: expected rate, answers, name or state, got \"%s\"\n", c->sort);
        return by && sort;
}

int ctl_top(struct ctl *c)
{
        struct top t = {.ctl = c};
        struct watch watch = {.title = "s p e c: what  R A N H: sort  q", .key = on_key};

        if (!read_options(c, &t) || !ctl_interval(c, &watch.interval_ms))
                return CTL_USAGE;
        return isatty(STDOUT_FILENO) && ctl_is_table(c) ? watch_run(&watch, look, &t) : look(&t);
}
