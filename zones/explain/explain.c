#include "zones/explain/explain.h"

#include <string.h>
#include "base/clock.h"
#include "base/random.h"
#include "zones/dns/name.h"
#include "zones/dns/numbers.h"
#include "zones/dns/rdata.h"
#include "zones/explain/explain_private.h"

/* The question, as far as it can be looked up. */
static bool take_question(struct telling *t, struct problems *problems)
{
        const char *name = t->question->name, *type = t->question->type;
        const char *why = "";

        t->name = t->names[0];
        if (!name_parse(name, NULL, t->names[0], &why))
                problems_add(problems, "name", 0, "expected a domain name, got \"%s\": %s", name, why);
        t->type = rdata_type(type);
        if (!t->type)
                problems_add(problems, "type", 0, "expected a record type such as A or AAAA, got \"%s\"", type);
        t->family = t->type == TYPE_AAAA ? FAMILY_AAAA : t->type == TYPE_CNAME ? FAMILY_CNAME : FAMILY_A;
        return !problems->count;
}

static void tell_question(struct telling *t)
{
        const struct explain_question *q = t->question;
        char prefix[PREFIX_TEXT_MAX];

        t->out = doc_new(t->arena, DOC_MAP);
        t->story = doc_new(t->arena, DOC_LIST);
        t->answer = doc_new(t->arena, DOC_LIST);
        doc_add_string(t->arena, t->out, "name", wire_text(t, t->name));
        doc_add_string(t->arena, t->out, "type", q->type);
        doc_add_string(t->arena, t->out, "client", prefix_format(&t->client.prefix, prefix));
        doc_add_int(t->arena, t->out, "revision", (int64_t)q->revision);
        story_add(t, "%s %s %s.", wire_text(t, t->name), q->type,
                  q->as ? q->as : arena_printf(t->arena, "at revision %llu", (unsigned long long)q->revision));
}

/* From the name in question along aliases, as long as they stay in its zone. */
static void tell_chain(struct telling *t, const struct lookup *first)
{
        const struct zone_data *zone = first->zone;
        struct lookup found = *first;
        struct doc *whole = t->out, *followed = NULL;

        if (t->type == TYPE_DS && found.exact && found.exact->flags & NODE_APEX) {
                const struct rrset *ds;
                const struct zone_data *parent = snapshot_parent(t->snapshot, zone, &ds);
                if (parent) {
                        tell_parent_ds(t, parent, ds);
                        return;
                }
        }
        while (tell_name(t, zone, &found) == TOLD_ALIAS) {
                snapshot_lookup(t->snapshot, t->name, name_length(t->name), &found);
                if (found.zone != zone) {
                        story_add(t, "%s lies outside of the zone: the resolver asks for it by itself.",
                                  wire_text(t, t->name));
                        break;
                }
                followed = followed ? followed : doc_add_list(t->arena, whole, "followed");
                t->out = doc_add_map(t->arena, followed, NULL);
                doc_add_string(t->arena, t->out, "name", wire_text(t, t->name));
        }
        t->out = whole;
}

bool explain_is_question(const struct explain_question *q, struct problems *problems)
{
        struct telling t = {.question = q};

        return take_question(&t, problems);
}

struct explain_question explain_now(const char *name, const char *type, const struct prefix *client, uint64_t revision)
{
        struct explain_question q = {.name = name,
                                     .type = type,
                                     .client = *client,
                                     .revision = revision,
                                     .wall_ms = clock_wall_ms(),
                                     .now_ms = (int64_t)clock_ms()};

        random_bytes(&q.seed, sizeof(q.seed));
        return q;
}

struct doc *explain_answer(const struct snapshot *snapshot, const struct geo *geo, const struct explain_question *q,
                           struct arena *a, struct problems *problems)
{
        struct telling t = {.question = q,
                            .snapshot = snapshot,
                            .model = snapshot->model,
                            .steering = snapshot->steering,
                            .geo = geo,
                            .arena = a,
                            .client = {.prefix = q->client, .version = CLIENT_NEWEST},
                            .ttl = UINT32_MAX};
        struct lookup found;

        if (!take_question(&t, problems))
                return NULL;
        snapshot_lookup(snapshot, t.name, name_length(t.name), &found);
        if (!found.zone) {
                problems_add(problems, "name", 0, "\"%s\" lies in none of the zones", q->name);
                return NULL;
        }
        client_locate(snapshot->locator, &t.client);
        t.class = classes_get(snapshot->steering->classes, t.client.class);
        tell_question(&t);
        tell_chain(&t, &found);
        doc_add(t.out, "answer", t.answer);
        doc_add_string(a, t.out, "rcode", t.rcode ? t.rcode : "NOERROR");
        if (t.extended_error)
                doc_add_string(a, t.out, "extended_error", t.extended_error);
        if (t.ttl != UINT32_MAX)
                doc_add_int(a, t.out, "ttl", t.ttl);
        doc_add_int(a, t.out, "scope", t.scope);
        doc_add(t.out, "story", t.story);
        return t.out;
}
