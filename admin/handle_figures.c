/* Load figures of an endpoint, pushed by whoever knows them. */
#include "admin/control_figures.h"
#include "admin/handlers.h"
#include "base/clock.h"
#include "base/schema.h"

struct figures_form {
        double load, errors, cpu, memory;
        int64_t ttl_ms;
};

#define FIGURE(member, most, text)                                                                                     \
        {                                                                                                              \
                .name = #member, .type = FIELD_REAL, .offset = offsetof(struct figures_form, member),                  \
                .fallback = "-1", .min = -1, .max = (most), .help = (text)                                             \
        }
static const struct field figures_fields[] = {
        FIGURE(load, 1000000000, "in your own unit, as in max_load"),
        FIGURE(errors, 100, "percent of requests"),
        FIGURE(cpu, 100, "percent"),
        FIGURE(memory, 100, "percent"),
        {.name = "ttl",
         .type = FIELD_DURATION,
         .offset = offsetof(struct figures_form, ttl_ms),
         .fallback = "\"30s\"",
         .min = 1000,
         .max = 3600000,
         .help = "how long they are good"},
        {0},
};
static const struct schema figures_schema = {
        .name = "figures", .size = sizeof(struct figures_form), .fields = figures_fields};

void handle_figures(struct call *c)
{
        const char *id = arena_printf(c->arena, "%s/%s", c->parameters[0], c->parameters[1]);
        struct problems problems = PROBLEMS_INIT;
        struct figures_form form;
        struct doc *body;

        if (endpoint_number(snapshot_current()->model, id) == MODEL_NONE) {
                reply_problem(c, 404, "there is no endpoint \"%s\"", id);
                return;
        }
        if (!(body = call_body(c)))
                return;
        if (schema_decode(&figures_schema, body, c->arena, &form, &problems)) {
                const struct figures figures = {(float)form.load, (float)form.errors, (float)form.cpu,
                                                (float)form.memory, clock_ms() + (uint64_t)form.ttl_ms};
                control_figures(c->control, id, &figures);
                reply_nothing(c, 204);
        } else {
                reply_problems(c, 422, "the document is not valid", &problems);
        }
        problems_free(&problems);
}
