/* Plans as documents: what a gslbd tells its probers. Each monitor stands once, checks name it by its place. */
#include <stdio.h>
#include "base/hash.h"
#include "base/documents/schema.h"
#include "probes/prober/plan.h"
#include "zones/monitors/monitor.h"

/* The place of a monitor in the list, to which it is added the first time. */
static uint32_t place_of(struct map *places, const struct monitor *m, struct doc *list, struct arena *a)
{
        char key[32];

        snprintf(key, sizeof(key), "%p", (const void *)m);
        uintptr_t place = (uintptr_t)map_get(places, key);
        if (place)
                return (uint32_t)(place - 1);
        doc_add(list, NULL, doc_copy(a, m->doc));
        map_set(places, arena_strdup(a, key), (void *)(uintptr_t)list->count);
        return list->count - 1;
}

struct writing {
        struct map *places;
        struct doc *monitors;
        struct arena *arena;
};

static void write_check(struct writing *w, const struct check *c, bool is_part, struct doc *list)
{
        struct doc *d = doc_add_map(w->arena, list, NULL);
        char address[ADDRESS_TEXT_MAX];

        doc_add_string(w->arena, d, "id", is_part ? "" : c->id);
        doc_add_int(w->arena, d, "monitor", place_of(w->places, c->monitor, w->monitors, w->arena));
        if (c->host_name)
                doc_add_string(w->arena, d, "host_name", c->host_name);
        else
                doc_add_string(w->arena, d, "address", address_format(&c->address, address));
        doc_add_int(w->arena, d, "port", c->port);
        if (!c->part_count)
                return;
        struct doc *parts = doc_add_list(w->arena, d, "parts");
        for (uint32_t i = 0; i < c->part_count; i++)
                write_check(w, &c->parts[i], true, parts);
}

struct doc *plan_to_doc(const struct plan *p, struct arena *a)
{
        struct doc *d = doc_new(a, DOC_MAP);

        doc_add_int(a, d, "revision", (int64_t)p->revision);
        if (p->is_difference) {
                struct doc *gone = doc_add_list(a, d, "gone");
                for (uint32_t i = 0; i < p->gone_count; i++)
                        doc_add(gone, NULL, doc_string(a, p->gone[i]));
        }
        struct doc *monitors = doc_add_list(a, d, "monitors"), *checks = doc_add_list(a, d, "checks");
        struct writing w = {map_new(), monitors, a};
        for (uint32_t i = 0; i < p->count; i++)
                write_check(&w, &p->checks[i], false, checks);
        map_free(w.places);
        return d;
}

/* What the schema fills. */
struct check_form {
        const char *id, *host_name;
        struct address address;
        int64_t monitor, port;
        LIST(struct check_form) parts;
};

struct plan_form {
        int64_t revision;
        LIST(struct check_form) checks;
        const struct doc *monitors, *gone; /* gone: NULL in a whole plan */
};

static const struct schema check_form_schema;
static const struct field check_fields[] = {
        REQUIRED_STRING("id", check_form, id, NULL, .max = 400),
        REQUIRED_INT("monitor", check_form, monitor, 0, UINT32_MAX, NULL),
        OPTIONAL_ADDRESS("address", check_form, address, NULL),
        OPTIONAL_STRING("host_name", check_form, host_name, NULL, .max = 1023),
        REQUIRED_INT("port", check_form, port, 0, 65535, NULL),
        OPTIONAL_MAPS("parts", check_form, parts, check_form, NULL, .max = COMPOSITE_PARTS_MAX),
        {0},
};
static const struct schema check_form_schema = {
        .name = "check", .size = sizeof(struct check_form), .fields = check_fields};

static const struct field plan_fields[] = {
        REQUIRED_INT("revision", plan_form, revision, 0, 0, NULL),
        REQUIRED_CUSTOM("monitors", plan_form, monitors, const struct doc *, NULL, NULL),
        REQUIRED_MAPS("checks", plan_form, checks, check_form, NULL),
        OPTIONAL_CUSTOM("gone", plan_form, gone, const struct doc *, NULL, NULL),
        {0},
};
static const struct schema plan_form_schema = {.name = "plan", .size = sizeof(struct plan_form), .fields = plan_fields};

/* NULL with problems. */
static struct monitor *read_monitors(const struct doc *list, struct arena *a, struct problems *problems)
{
        if (list->type != DOC_LIST) {
                problems_add(problems, "monitors", 0, "expected a list");
                return NULL;
        }
        struct monitor *monitors = ARENA_ARRAY(a, struct monitor, list->count);
        doc_each (one, list)
                if (!schema_decode(&monitor_schema, one, a, &monitors[one->index], problems))
                        return NULL;
        return monitors;
}

struct reading_plan {
        struct plan *plan;
        const struct monitor *monitors;
        uint32_t monitor_count;
        struct problems *problems;
};

/* `id`: of the whole, for its parts. */
static void read_check(struct reading_plan *r, const struct check_form *f, const char *id, struct check *c)
{
        const struct check_form *forms = f->parts.items;
        const struct monitor *m = f->monitor < r->monitor_count ? &r->monitors[f->monitor] : NULL;
        struct check *parts = ARENA_ARRAY(r->plan->arena, struct check, f->parts.count);

        if (!m)
                problems_add(r->problems, "checks", 0, "%s refers to monitor %lld of %u", id, (long long)f->monitor,
                             r->monitor_count);
        else if (f->address.family == ADDRESS_NONE && !f->host_name)
                problems_add(r->problems, "checks", 0, "%s has neither an address nor a host name", id);
        else if (f->parts.count != (m->type == MONITOR_COMPOSITE ? m->composite.of.count : 0))
                problems_add(r->problems, "checks", 0, "%s has %u parts, its monitor not", id, f->parts.count);
        for (uint32_t i = 0; i < f->parts.count; i++)
                read_check(r, &forms[i], id, &parts[i]);
        *c = (struct check){.id = id,
                            .monitor = m,
                            .address = f->address,
                            .host_name = f->host_name,
                            .port = (uint16_t)f->port,
                            .parts = parts,
                            .part_count = f->parts.count};
}

static void read_checks(struct plan *p, const struct plan_form *form, const struct monitor *monitors,
                        struct problems *problems)
{
        const struct check_form *forms = form->checks.items;
        struct check *checks = ARENA_ARRAY(p->arena, struct check, form->checks.count);
        struct reading_plan r = {p, monitors, form->monitors->count, problems};

        for (uint32_t i = 0; i < form->checks.count; i++)
                read_check(&r, &forms[i], forms[i].id, &checks[i]);
        if (!problems->count)
                plan_set(p, checks, form->checks.count);
}

static void read_gone(struct plan *p, const struct doc *list, struct problems *problems)
{
        const char **ids = ARENA_ARRAY(p->arena, const char *, list->type == DOC_LIST ? list->count : 0);
        uint32_t count = 0;

        if (list->type != DOC_LIST) {
                problems_add(problems, "gone", 0, "expected a list");
                return;
        }
        doc_each (one, list) {
                if (one->type != DOC_STRING) {
                        problems_add(problems, "gone", 0, "expected ids of checks");
                        return;
                }
                ids[count++] = arena_strdup(p->arena, one->string);
        }
        plan_set_gone(p, ids, count);
}

struct plan *plan_from_doc(const struct doc *d, struct problems *problems)
{
        struct plan *p = plan_new(0);
        struct plan_form form = {0};
        const struct monitor *monitors = NULL;

        if (schema_decode(&plan_form_schema, d, p->arena, &form, problems))
                monitors = read_monitors(form.monitors, p->arena, problems);
        if (monitors)
                read_checks(p, &form, monitors, problems);
        if (form.gone && !problems->count)
                read_gone(p, form.gone, problems);
        if (problems->count) {
                plan_free(p);
                return NULL;
        }
        p->revision = (uint64_t)form.revision;
        return p;
}
