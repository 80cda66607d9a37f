/* gslbctl status: is it well, and what is not as usual. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/ctl/ctl.h"
#include "base/clock.h"

#define SHOWN_MOST 20
#define GEO_OLD_MS ((int64_t)90 * 86400000)
#define TEXT_MAX   300

/* How services stand, as the API names it: the worst first, with what that is called. */
static const struct {
        const char *name, *text;
        enum tone tone;
} stands[] = {
        {"nothing", "have nothing that is up, for some clients", TONE_BAD},
        {"waiting", "wait for their first checks: not answered yet", TONE_BAD},
        {"elsewhere", "serve some clients from elsewhere", TONE_NOTE},
        {"little", "have fewer than half of their endpoints up", TONE_NOTE},
};
#define STANDS (sizeof(stands) / sizeof(*stands))

static int64_t number_of(const struct doc *d, const char *name)
{
        int64_t value = 0;

        return d && doc_get_int(d, name, &value) ? value : 0;
}

static const struct doc *list_of(const struct doc *d, const char *name)
{
        const struct doc *list = d ? doc_get(d, name) : NULL;

        return list && list->type == DOC_LIST ? list : NULL;
}

static bool is_true(const struct doc *d, const char *name)
{
        const struct doc *member = doc_get(d, name);

        return member && member->type == DOC_BOOL && member->boolean;
}

/* --- asking --- */

static int by_name(const void *a, const void *b)
{
        const char *one = doc_get_string(*(struct doc *const *)a, "name"),
                   *other = doc_get_string(*(struct doc *const *)b, "name");

        return strcmp(one ? one : "", other ? other : "");
}

/* The server tells them in no order. */
static void sort_by_name(struct ctl *c, struct doc *services)
{
        const struct doc *items = list_of(services, "items");
        struct doc **list = ARENA_ARRAY(c->arena, struct doc *, items ? items->count + 1 : 1), *sorted;
        size_t count = 0;

        if (!items)
                return;
        for (struct doc *one = items->first; one; one = one->next)
                list[count++] = one;
        qsort(list, count, sizeof(*list), by_name);
        sorted = doc_new(c->arena, DOC_LIST);
        for (size_t i = 0; i < count; i++)
                doc_add(sorted, NULL, doc_copy(c->arena, list[i]));
        doc_set(services, "items", sorted);
}

static void add_to(struct ctl *c, struct doc *services, const struct doc *page, const char *name)
{
        doc_set(services, name, doc_int(c->arena, number_of(services, name) + number_of(page, name)));
}

/* The server looks at so many services a call: what it says of each is summed up. */
static int add_pages(struct ctl *c, struct doc *all, unsigned limit)
{
        struct doc *services = doc_get(all, "services"), *page = all;
        const char *next;

        while (services && services->type == DOC_MAP && (next = doc_get_string(page, "next"))) {
                int status = ctl_call(c, "GET", arena_printf(c->arena, "status?limit=%u&after=%s", limit, next), NULL,
                                      &page);
                const struct doc *more = status ? NULL : doc_get(page, "services");
                if (!more || more->type != DOC_MAP)
                        return status;
                if (!ctl_goes_on(next, doc_get_string(page, "next")))
                        return CTL_UNREACHABLE;
                for (size_t i = 0; i < STANDS; i++)
                        add_to(c, services, more, stands[i].name);
                add_to(c, services, more, "well");
                add_to(c, services, more, "disabled");
                const struct doc *items = list_of(more, "items");
                for (const struct doc *one = items && list_of(services, "items") ? items->first : NULL; one;
                     one = one->next)
                        doc_add(doc_get(services, "items"), NULL, doc_copy(c->arena, one));
        }
        doc_set(all, "next", doc_new(c->arena, DOC_NULL));
        if (services && services->type == DOC_MAP)
                sort_by_name(c, services);
        return CTL_OK;
}

/* What else is said, as a member of the whole. A gslbd that does not know it has nothing of it. */
static int add_list(struct ctl *c, struct doc *all, const char *name, const char *path)
{
        struct doc *d;
        int status = ctl_call(c, "GET", path, NULL, &d);

        if (!status && list_of(d, "items"))
                doc_set(all, name, doc_get(d, "items"));
        return status;
}

/* --- services --- */

static void print_words(const struct doc *list, const char *without)
{
        doc_each (one, list)
                if (one->type == DOC_STRING)
                        printf("%s%s", one == list->first ? "" : ", ", one->string);
        if (!list->count)
                printf("%s", without);
}

/* "eu: web-us; web-eu is drained" */
static void print_clients(const struct doc *service)
{
        const struct doc *clients = list_of(service, "clients"), *before = NULL;

        for (const struct doc *one = clients ? clients->first : NULL; one; one = one->next) {
                const struct doc *regions = list_of(one, "regions"), *by = list_of(one, "served_by");
                const char *first = doc_get_string(one, "instead_of"), *why = doc_get_string(one, "why"),
                           *gets = doc_get_string(one, "gets");
                if (before && doc_get(before, "regions") && doc_get(one, "regions") &&
                    doc_equal(doc_get(before, "regions"), doc_get(one, "regions")) &&
                    doc_equal(doc_get(before, "served_by"), doc_get(one, "served_by")))
                        continue; /* of the other type alike */
                before = one;
                printf("      ");
                if (regions)
                        print_words(regions, "some");
                else
                        printf("everyone");
                printf(": ");
                if (gets)
                        printf("%s%s", gets, by && by->count ? ": " : "");
                if (by)
                        print_words(by, gets ? "" : "nobody");
                if (first && why)
                        printf("; %s is %s", first, why);
                printf("\n");
        }
}

static void print_services(const struct ctl *c, const struct doc *services, const char *state)
{
        const struct doc *items = list_of(services, "items");
        int64_t left = number_of(services, state);
        unsigned shown = 0;
        char name[TEXT_MAX];

        for (const struct doc *one = items ? items->first : NULL; one && shown < SHOWN_MOST; one = one->next) {
                const char *its = doc_get_string(one, "state");
                if (!its || strcmp(its, state))
                        continue;
                printf("    %s  %lld of %lld up\n", ctl_member(one, "name", name, sizeof(name)),
                       (long long)number_of(one, "up"), (long long)number_of(one, "endpoints"));
                print_clients(one);
                shown++;
                left--;
        }
        if (left > 0)
                printf("    %sand %lld more%s\n", ctl_tone(c, TONE_NOTE), (long long)left, ctl_tone(c, TONE_PLAIN));
}

static void tell_services(const struct ctl *c, const struct doc *d)
{
        const struct doc *services = doc_get(d, "services");
        int64_t all = number_of(services, "well"), disabled = number_of(services, "disabled");

        for (size_t i = 0; i < STANDS; i++)
                all += number_of(services, stands[i].name);
        printf("services   %lld of %lld as usual", (long long)number_of(services, "well"), (long long)all);
        if (disabled)
                printf(", %lld disabled", (long long)disabled);
        printf("\n");
        for (size_t i = 0; i < STANDS; i++)
                if (number_of(services, stands[i].name)) {
                        printf("  %s%lld %s%s\n", ctl_tone(c, stands[i].tone),
                               (long long)number_of(services, stands[i].name), stands[i].text, ctl_tone(c, TONE_PLAIN));
                        print_services(c, services, stands[i].name);
                }
}

/* --- the rest --- */

/* "2h 5m" */
static const char *span_text(int64_t ms, char out[40])
{
        int64_t minutes = ms / 60000;

        if (ms < 60000)
                snprintf(out, 40, "%lld s", (long long)(ms / 1000));
        else if (minutes < 60)
                snprintf(out, 40, "%lld min", (long long)minutes);
        else if (minutes < 48 * 60)
                snprintf(out, 40, "%lld h %lld min", (long long)(minutes / 60), (long long)(minutes % 60));
        else
                snprintf(out, 40, "%lld days", (long long)(minutes / 1440));
        return out;
}

/* "until 2026-01-31T22:00:00Z (in 5 min)" */
static void print_end(const struct doc *one, const char *without)
{
        const char *until = doc_get_string(one, "until");
        char span[40];
        int64_t end;

        if (!until || !clock_parse(until, &end)) {
                printf("until %s", without);
                return;
        }
        int64_t left = end - clock_wall_ms();
        printf("until %.19sZ (in %s)", until, span_text(left > 0 ? left : 0, span));
}

static void tell_operations(const struct doc *d, const char *name, const char *title, int64_t count,
                            const char *without)
{
        const struct doc *list = list_of(d, name);
        char text[TEXT_MAX];
        int64_t shown = 0;

        if (!count && list)
                count = list->count;
        if (!count)
                return;
        printf("%-10s %lld\n", title, (long long)count);
        for (const struct doc *one = list ? list->first : NULL; one; one = one->next, shown++) {
                const char *reason = doc_get_string(one, "reason"), *state = doc_get_string(one, "state");
                printf("    %s  %s%s", ctl_member(one, "name", text, sizeof(text)), state ? state : "",
                       state ? ", " : "");
                print_end(one, without);
                if (reason && *reason)
                        printf(": %s", ctl_member(one, "reason", text, sizeof(text)));
                printf("\n");
        }
        if (count > shown)
                printf("    and %lld more\n", (long long)(count - shown));
}

static void tell_probers(const struct ctl *c, const struct doc *d)
{
        const struct doc *probers = list_of(d, "probers");
        char name[TEXT_MAX];
        unsigned silent = 0, named = 0;

        if (!probers)
                return;
        doc_each (one, probers)
                silent += !is_true(one, "live");
        printf("probers    %u of %u report", probers->count - silent, probers->count);
        doc_each (one, probers)
                if (!is_true(one, "live"))
                        printf("%s %s%s%s is silent", named++ ? "," : ":", ctl_tone(c, TONE_BAD),
                               ctl_member(one, "name", name, sizeof(name)), ctl_tone(c, TONE_PLAIN));
        printf("\n");
}

static void tell_geo(const struct ctl *c, const struct doc *d)
{
        const struct doc *geo = list_of(d, "geo");
        char path[TEXT_MAX], span[40];

        for (const struct doc *one = geo ? geo->first : NULL; one; one = one->next) {
                const char *built = doc_get_string(one, "built");
                int64_t at;
                if (!built || !clock_parse(built, &at))
                        continue;
                int64_t age = clock_wall_ms() - at;
                printf("GeoIP      %s, %s%s old%s\n", ctl_member(one, "path", path, sizeof(path)),
                       age > GEO_OLD_MS ? ctl_tone(c, TONE_NOTE) : "", span_text(age > 0 ? age : 0, span),
                       age > GEO_OLD_MS ? ctl_tone(c, TONE_PLAIN) : "");
        }
}

/* --- the whole --- */

static bool is_well(const struct doc *d)
{
        const struct doc *services = doc_get(d, "services"), *reasons = list_of(d, "reasons");

        for (size_t i = 0; i < STANDS; i++)
                if (number_of(services, stands[i].name))
                        return false;
        return !(reasons && reasons->count) && !number_of(d, "drains_in_force") &&
               !number_of(doc_get(d, "holds"), "pools") && !number_of(doc_get(d, "holds"), "endpoints") &&
               !number_of(doc_get(d, "confirms"), "waiting") && !number_of(doc_get(d, "confirms"), "stuck") &&
               !number_of(doc_get(d, "shifts"), "running") && !number_of(doc_get(d, "shifts"), "paused") &&
               !number_of(doc_get(d, "shifts"), "stopped");
}

/* Nobody should be without anything that is up. */
static int exit_of(const struct doc *d)
{
        const struct doc *services = doc_get(d, "services");

        if (!is_true(d, "ready") || number_of(services, "nothing") || number_of(services, "waiting"))
                return CTL_REFUSED;
        return is_well(d) ? CTL_OK : CTL_DIFFERENT;
}

static void tell(const struct ctl *c, const struct doc *d)
{
        const struct doc *reasons = list_of(d, "reasons"), *holds = doc_get(d, "holds");
        char text[TEXT_MAX], time[60];
        bool ready = is_true(d, "ready"), well = is_well(d);

        printf("%s%s%s, revision %s%s%.19s%s\n",
               ctl_tone(c, !ready ? TONE_BAD
                           : well ? TONE_GOOD
                                  : TONE_NOTE),
               !ready ? "not ready"
               : well ? "all is as usual"
                      : "ready, but not all is as usual",
               ctl_tone(c, TONE_PLAIN), ctl_member(d, "revision", text, sizeof(text)),
               doc_get(d, "revision_time") ? " of " : "", ctl_member(d, "revision_time", time, sizeof(time)),
               doc_get(d, "revision_time") ? "Z" : "");
        for (const struct doc *one = reasons ? reasons->first : NULL; one; one = one->next)
                printf("  %s%s%s\n", ctl_tone(c, TONE_NOTE), ctl_member(one, "", text, sizeof(text)),
                       ctl_tone(c, TONE_PLAIN));
        tell_services(c, d);
        tell_operations(d, "drains", "drains", number_of(d, "drains_in_force") + number_of(d, "drains_waiting"),
                        "it is restored");
        tell_operations(d, "held", "held", number_of(holds, "pools") + number_of(holds, "endpoints"), "its failback");
        tell_operations(d, "unconfirmed", "confirms", 0, "it is confirmed");
        tell_operations(d, "shifting", "shifts", 0, "somebody lets it go on, or ends it");
        if (number_of(d, "schedules_in_force"))
                printf("schedules  %lld in force\n", (long long)number_of(d, "schedules_in_force"));
        tell_probers(c, d);
        tell_geo(c, d);
}

/* Where they stand, in the words of other operations. */
static void describe_shifts(struct ctl *c, struct doc *shifts)
{
        for (struct doc *one = shifts && shifts->type == DOC_LIST ? shifts->first : NULL; one; one = one->next) {
                const char *next = doc_get_string(one, "next"), *why = doc_get_string(one, "why"),
                           *to = doc_get_string(one, "to");
                if (next)
                        doc_set(one, "until", doc_string(c->arena, next));
                doc_set(one, "reason",
                        doc_string(c->arena, arena_printf(c->arena, "%s has %lld%%%s%s", to ? to : "",
                                                          (long long)number_of(one, "percent"), why ? "; " : "",
                                                          why ? why : "")));
        }
}

static int status_one(struct ctl *c)
{
        struct doc *d;
        char name[TEXT_MAX], state[40];
        int status = ctl_call(c, "GET", arena_printf(c->arena, "status/%s", ctl_escape(c, c->argv[0])), NULL, &d);

        if (status)
                return status;
        ctl_member(d, "state", state, sizeof(state));
        if (!ctl_show_as_document(c, d)) {
                const char *text = "as usual";
                for (size_t i = 0; i < STANDS; i++)
                        if (!strcmp(state, stands[i].name))
                                text = stands[i].name;
                printf("%s  %s, %lld of %lld up\n", ctl_member(d, "name", name, sizeof(name)),
                       strcmp(state, "disabled") ? text : state, (long long)number_of(d, "up"),
                       (long long)number_of(d, "endpoints"));
                print_clients(d);
        }
        return !strcmp(state, "well")                                   ? CTL_OK
               : !strcmp(state, "nothing") || !strcmp(state, "waiting") ? CTL_REFUSED
                                                                        : CTL_DIFFERENT;
}

int ctl_status(struct ctl *c)
{
        struct doc *d;

        if (c->argc)
                return status_one(c);
        int status = ctl_call(c, "GET", arena_printf(c->arena, "status?limit=%u", SHOWN_MOST), NULL, &d);
        if (status || (status = add_pages(c, d, SHOWN_MOST)) ||
            (status = add_list(c, d, "drains", arena_printf(c->arena, "drains?limit=%u", SHOWN_MOST))) ||
            (status = add_list(c, d, "held", arena_printf(c->arena, "holds?limit=%u", SHOWN_MOST))) ||
            (status = add_list(c, d, "unconfirmed", "confirms")) || (status = add_list(c, d, "shifting", "shifts")))
                return status;
        describe_shifts(c, doc_get(d, "shifting"));
        if (!ctl_show_as_document(c, d))
                tell(c, d);
        return exit_of(d);
}
