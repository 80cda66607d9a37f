#include "zones/explain/explain_brief.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/rcu.h"
#include "zones/dns/name.h"
#include "zones/steering/steering_tables.h"

static void brief_add(struct brief *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void brief_add(struct brief *b, const char *format, ...)
{
        va_list args;

        if (b->count == BRIEF_LINES)
                return;
        va_start(args, format);
        vsnprintf(b->lines[b->count++], BRIEF_LINE_MAX + 1, format, args);
        va_end(args);
}

/* --- a service --- */

static void brief_order(struct brief *b, const struct route *r, const struct view_slot *slot, uint64_t version)
{
        char text[BRIEF_LINE_MAX + 1] = "";
        size_t at = 0;

        for (uint32_t i = 0; i < r->pool_count && at < sizeof(text); i++) {
                int n = snprintf(text + at, sizeof(text) - at, " %s",
                                 targets_pool(pool_face_at(r->pools[slot->order[i]].live, version)->targets));
                at += n > 0 ? (size_t)n : 0;
        }
        brief_add(b, "order:%s%s", text, slot->row == MODEL_NONE ? "" : " (then by round trip)");
}

static const char *rdata_text(const struct target *t, char out[NAME_TEXT_MAX])
{
        struct address address = {.family = t->type == TYPE_A ? ADDRESS_V4 : ADDRESS_V6};

        if (t->type == TYPE_CNAME)
                return name_format(t->rdata, out);
        memcpy(address.bytes, t->rdata, t->rdata_length);
        return address_format(&address, out);
}

static void brief_picker(struct brief *b, const struct picker *picker)
{
        uint32_t count = picker ? picker_count(picker) : 0, told = count < BRIEF_ENDPOINTS ? count : BRIEF_ENDPOINTS;

        for (uint32_t i = 0; i < told; i++) {
                const struct target *target = picker_target(picker, i);
                char text[NAME_TEXT_MAX];
                brief_add(b, "endpoint %s (%s): %.1f%%", target_name(target), rdata_text(target, text),
                          picker_share(picker, i) * 100);
        }
        if (told < count)
                brief_add(b, "and %u more endpoints", count - told);
}

static void brief_pool(struct brief *b, const struct pool_live *p, enum family family, uint64_t version)
{
        const struct pool_face *face = pool_face_at(p, version);

        brief_add(b, "pool %s in %s serves", targets_pool(face->targets), targets_region(face->targets));
        if (face->nested)
                brief_add(b, "through service %s", targets_service(face->targets));
        else
                brief_picker(b, rcu_get(face->pickers[family]));
}

static void brief_service(struct brief *b, const struct snapshot *s, const struct route *r, const struct client *client)
{
        static const char *const why[] = {[ALL_UP_ENOUGH] = "",
                                          [ALL_DOWN_SERVE_DRAINED] = "only drained ones are up: serve_all",
                                          [ALL_DOWN_SERVE_ALL] = "nothing is up: serve_all",
                                          [ALL_DOWN_LAST_RESORT] = "nothing is up: last_resort",
                                          [ALL_DOWN_FALLBACK] = "nothing is up: fallback_address",
                                          [ALL_DOWN_NODATA] = "nothing is up: nodata",
                                          [ALL_DOWN_SERVFAIL] = "nothing is up: servfail",
                                          [WAITING] = "waits for the first checks"};
        const struct class *class = classes_get(s->steering->classes, client->class);
        const struct route_face *face = route_face_at(r, client->version);
        uint32_t slot = face->view->slot_of[client->class];
        enum family family = face->choices[FAMILY_A] ? FAMILY_A : FAMILY_AAAA;

        brief_add(b, "client's region: %s, true for /%u",
                  class->region == MODEL_NONE ? "none" : s->model->regions[class->region]->name, client->scope);
        brief_order(b, r, &face->view->slots[slot], client->version);
        if (!face->choices[family])
                return;
        const struct choice *c = rcu_get(face->choices[family][slot]);
        if (c->why)
                brief_add(b, "%s", why[c->why]);
        if (c->kind == CHOICE_POOL)
                brief_pool(b, c->pool, family, client->version);
        for (uint32_t i = 0; i < c->count && b->count < BRIEF_LINES; i++)
                brief_pool(b, choice_pools(c)[i], family, client->version);
}

/* --- the name, as answer() takes it --- */

static void brief_named(struct brief *b, const char *what, const struct node *n)
{
        char text[NAME_TEXT_MAX];

        brief_add(b, "%s %s", what, name_format(n->name, text));
}

static void brief_node(struct brief *b, const struct snapshot *s, const struct node *n, const struct client *client)
{
        if (node_route(n))
                brief_service(b, s, node_route(n), client);
        else if (node_service(n))
                brief_add(b, "the service is disabled");
        else
                brief_add(b,
                          n->rrset_count ? "static records of the zone" : "the name exists without records (NODATA)");
}

void explain_brief(const struct snapshot *s, const struct lookup *found, const struct client *client, struct brief *b)
{
        b->count = 0;
        brief_add(b, "revision %llu", (unsigned long long)s->revision);
        if (found->cut) {
                brief_named(b, "a referral: delegated at", found->cut);
        } else if (found->exact) {
                brief_node(b, s, found->exact, client);
        } else if (found->dname) {
                brief_named(b, "an alias by the DNAME of", found->dname);
        } else if (found->wildcard) {
                brief_named(b, "covered by the wildcard", found->wildcard);
                brief_node(b, s, found->wildcard, client);
        } else {
                brief_add(b, "the name does not exist (NXDOMAIN)");
        }
}
