/* The story of one choice in a few short lines, for explain over DNS. Any thread inside a QSBR section; it reads only
 * what picks read, and allocates nothing. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/rcu.h"
#include "zones/explain/explain.h"
#include "zones/steering/steering_tables.h"

static void line(struct brief *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void line(struct brief *b, const char *format, ...)
{
        va_list args;

        if (b->count == BRIEF_LINES)
                return;
        va_start(args, format);
        vsnprintf(b->lines[b->count++], BRIEF_LINE_MAX + 1, format, args);
        va_end(args);
}

static void tell_order(struct brief *b, const struct route *r, const struct view_slot *slot)
{
        char text[BRIEF_LINE_MAX + 1] = "";
        size_t at = 0;

        for (uint32_t i = 0; i < r->pool_count && at < sizeof(text); i++) {
                int n = snprintf(text + at, sizeof(text) - at, " %s", r->pools[slot->order[i]].pool_name);
                at += n > 0 ? (size_t)n : 0;
        }
        line(b, "order:%s%s", text, slot->row == MODEL_NONE ? "" : " (then by round trip)");
}

static void tell_picker(struct brief *b, const struct model *m, const struct picker *picker)
{
        for (uint32_t i = 0; picker && i < picker_count(picker); i++) {
                uint32_t number = picker_target(picker, i)->endpoint;
                if (number == MODEL_NONE)
                        continue;
                line(b, "endpoint %s (%s): %.1f%%", m->endpoints[number]->name, m->endpoints[number]->address_text,
                     picker_share(picker, i) * 100);
        }
}

static void tell_used(struct brief *b, const struct model *m, const struct pool_live *p, enum family family)
{
        line(b, "pool %s in %s serves", p->pool->name, p->pool->region_name);
        if (p->nested)
                line(b, "through service %s", p->nested->service->name);
        else
                tell_picker(b, m, rcu_get(p->pickers[family]));
}

void explain_brief(const struct snapshot *s, const struct node *node, const struct client *client, struct brief *b)
{
        static const char *const why[] = {"",
                                          "only drained ones are up: serve_all",
                                          "nothing is up: serve_all",
                                          "nothing is up: last_resort",
                                          "nothing is up: fallback_address",
                                          "nothing is up: nodata",
                                          "nothing is up: servfail"};
        const struct route *r = node->route;
        const struct class *class = classes_get(s->steering->classes, client->class);
        uint32_t slot = r->view->slot_of[client->class];
        enum family family = r->choices[FAMILY_A] ? FAMILY_A : FAMILY_AAAA;

        b->count = 0;
        line(b, "revision %llu", (unsigned long long)s->revision);
        line(b, "client's region: %s, true for /%u",
             class->region == MODEL_NONE ? "none" : s->model->regions[class->region].name, client->scope);
        tell_order(b, r, &r->view->slots[slot]);
        if (!r->choices[family])
                return;
        const struct choice *c = rcu_get(r->choices[family][slot]);
        if (c->why)
                line(b, "%s", why[c->why]);
        if (c->pool)
                tell_used(b, s->model, c->pool, family);
        for (uint32_t i = 0; i < c->count; i++)
                tell_used(b, s->model, c->pools[i], family);
}
