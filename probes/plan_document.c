/* Plans as documents: what a gslbd tells its probers. Each monitor stands once, checks name it by its place. */
#include <stdio.h>
#include "base/hash.h"
#include "base/schema.h"
#include "probes/plan.h"
#include "zones/schemas.h"

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

struct doc *plan_to_doc(const struct plan *p, struct arena *a)
{
        struct doc *d = doc_new(a, DOC_MAP);

        doc_add_int(a, d, "revision", (int64_t)p->revision);
        struct doc *monitors = doc_add_list(a, d, "monitors"), *checks = doc_add_list(a, d, "checks");
        struct map *places = map_new();
        for (uint32_t i = 0; i < p->count; i++) {
                const struct check *c = &p->checks[i];
                struct doc *one = doc_add_map(a, checks, NULL);
                char address[ADDRESS_TEXT_MAX];
                doc_add_string(a, one, "id", c->id);
                doc_add_int(a, one, "monitor", place_of(places, c->monitor, monitors, a));
                if (c->host_name)
                        doc_add_string(a, one, "host_name", c->host_name);
                else
                        doc_add_string(a, one, "address", address_format(&c->address, address));
                doc_add_int(a, one, "port", c->port);
        }
        map_free(places);
        return d;
}

/* What the schema fills. */
struct check_form {
        const char *id, *host_name;
        struct address address;
        int64_t monitor, port;
};

struct plan_form {
        int64_t revision;
        struct list checks;
        const struct doc *monitors;
};

static const struct field check_fields[] = {
        {.name = "id", .type = FIELD_STRING, .offset = offsetof(struct check_form, id), .required = true, .max = 400},
        {.name = "monitor",
         .type = FIELD_INT,
         .offset = offsetof(struct check_form, monitor),
         .required = true,
         .min = 0,
         .max = UINT32_MAX},
        {.name = "address", .type = FIELD_ADDRESS, .offset = offsetof(struct check_form, address)},
        {.name = "host_name", .type = FIELD_STRING, .offset = offsetof(struct check_form, host_name), .max = 1023},
        {.name = "port",
         .type = FIELD_INT,
         .offset = offsetof(struct check_form, port),
         .required = true,
         .min = 0,
         .max = 65535},
        {0},
};
static const struct schema check_schema = {.name = "check", .size = sizeof(struct check_form), .fields = check_fields};

static const struct field plan_fields[] = {
        {.name = "revision", .type = FIELD_INT, .offset = offsetof(struct plan_form, revision), .required = true},
        {.name = "monitors", .type = FIELD_DOC, .offset = offsetof(struct plan_form, monitors), .required = true},
        {.name = "checks",
         .type = FIELD_LIST,
         .offset = offsetof(struct plan_form, checks),
         .required = true,
         .item = &check_schema},
        {0},
};
static const struct schema plan_schema = {.name = "plan", .size = sizeof(struct plan_form), .fields = plan_fields};

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

static void read_checks(struct plan *p, const struct plan_form *form, const struct monitor *monitors,
                        struct problems *problems)
{
        const struct check_form *forms = form->checks.items;
        struct check *checks = ARENA_ARRAY(p->arena, struct check, form->checks.count);

        for (uint32_t i = 0; i < form->checks.count; i++) {
                const struct check_form *f = &forms[i];
                if (f->monitor >= form->monitors->count)
                        problems_add(problems, "checks", 0, "%s refers to monitor %lld of %u", f->id,
                                     (long long)f->monitor, form->monitors->count);
                else if (f->address.family == ADDRESS_NONE && !f->host_name)
                        problems_add(problems, "checks", 0, "%s has neither an address nor a host name", f->id);
                else
                        checks[i] = (struct check){.id = f->id,
                                                   .monitor = &monitors[f->monitor],
                                                   .address = f->address,
                                                   .host_name = f->host_name,
                                                   .port = (uint16_t)f->port};
        }
        if (!problems->count)
                plan_set(p, checks, form->checks.count);
}

struct plan *plan_from_doc(const struct doc *d, struct problems *problems)
{
        struct plan *p = plan_new(0);
        struct plan_form form;
        const struct monitor *monitors = NULL;

        if (schema_decode(&plan_schema, d, p->arena, &form, problems))
                monitors = read_monitors(form.monitors, p->arena, problems);
        if (monitors)
                read_checks(p, &form, monitors, problems);
        if (problems->count) {
                plan_free(p);
                return NULL;
        }
        p->revision = (uint64_t)form.revision;
        return p;
}
