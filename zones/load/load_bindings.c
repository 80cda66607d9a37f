/* SVCB and HTTPS records of services (RFC 9460): what may stand in them, their wire form, and where the hints go. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "zones/load/load_private.h"
#include "zones/dns/name.h"
#include "zones/dns/numbers.h"
#include "zones/dns/rdata.h"

/* One SvcParam of a record's RDATA. */
struct param {
        unsigned key, length;
        const uint8_t *value;
        size_t at, next; /* in the RDATA */
};

static unsigned get16(const uint8_t *p)
{
        return (unsigned)p[0] << 8 | p[1];
}

/* The SvcParam that begins at `at`; false at the end. */
static bool param_at(const struct binding *b, size_t at, struct param *p)
{
        if (at + 4 > b->length)
                return false;
        *p = (struct param){
                .key = get16(b->rdata + at), .length = get16(b->rdata + at + 2), .value = b->rdata + at + 4, .at = at};
        p->next = at + 4 + p->length;
        return p->next <= b->length;
}

static bool param_find(const struct binding *b, unsigned key, struct param *p)
{
        for (size_t at = 2u + b->target_length; param_at(b, at, p); at = p->next)
                if (p->key == key)
                        return true;
        return false;
}

/* RFC 9460 8: what is mandatory stands in the record, in order, once, and never itself. */
static const char *mandatory_wrong(const struct binding *b)
{
        struct param mandatory, one;
        int last = 0;

        if (!param_find(b, SVC_MANDATORY, &mandatory))
                return NULL;
        for (unsigned i = 0; i + 2 <= mandatory.length; i += 2) {
                int key = (int)get16(mandatory.value + i);
                if (key <= last)
                        return "mandatory: expected each key once, in ascending order, and not itself";
                if (!param_find(b, (unsigned)key, &one))
                        return "mandatory: expected keys that stand in the params";
                last = key;
        }
        return NULL;
}

/* A port as text, anywhere in the params outside of quotes, is at most 65535. ldns takes the low 16 bits of any
 * number. */
static bool ports_good(const char *text)
{
        bool quoted = false;

        for (const char *p = text; *p; p++) {
                if (*p == '\\' && p[1])
                        p++;
                else if (*p == '"')
                        quoted = !quoted;
                else if (!quoted && (p == text || isspace((unsigned char)p[-1])) && !strncasecmp(p, "port=", 5)) {
                        const char *number = p + 5 + (p[5] == '"');
                        char *end;
                        unsigned long port = strtoul(number, &end, 10);
                        if (!isdigit((unsigned char)*number) || port > 65535 ||
                            (*end && *end != '"' && !isspace((unsigned char)*end)))
                                return false;
                }
        }
        return true;
}

static const char *params_wrong(const struct binding *b)
{
        struct param p;
        const char *wrong = mandatory_wrong(b);

        if (wrong)
                return wrong;
        if (!ports_good(b->params))
                return "port: expected a number from 0 to 65535";
        if (param_find(b, SVC_NO_DEFAULT_ALPN, &p) && !param_find(b, SVC_ALPN, &p)) /* RFC 9460 7.1.1 */
                return "no-default-alpn: expected alpn beside it";
        if (!b->priority && b->params[strspn(b->params, " \t")]) /* RFC 9460 2.4.2 */
                return "expected none beside priority 0 (AliasMode)";
        if (b->hints && (param_find(b, SVC_IPV4HINT, &p) || param_find(b, SVC_IPV6HINT, &p)))
                return "ipv4hint and ipv6hint come from the healthy choice; with `hints: false` give your own";
        return NULL;
}

/* RFC 9460 2.2: SvcParams stand in the order of their keys. */
static void place_hints(struct binding *b)
{
        struct param p;

        b->ipv4hint_at = b->ipv6hint_at = b->length;
        for (size_t at = 2u + b->target_length; param_at(b, at, &p); at = p.next) {
                if (p.key > SVC_IPV4HINT && p.at < b->ipv4hint_at)
                        b->ipv4hint_at = (uint16_t)p.at;
                if (p.key > SVC_IPV6HINT && p.at < b->ipv6hint_at)
                        b->ipv6hint_at = (uint16_t)p.at;
        }
}

/* Hints are for names that we steer: the service itself ("."), or another one. */
static uint32_t steered_by(const struct model *m, const struct service *s, const struct binding *b)
{
        char key[NAME_TEXT_MAX];

        if (!b->hints || !b->priority)
                return MODEL_NONE;
        if (!strcmp(b->target, "."))
                return s->number;
        return name_key(b->target, key) ? model_find(m, KIND_SERVICES, key) : MODEL_NONE;
}

/* The record's wire, or NULL: what ldns read is the name that the schema saw, nothing cut off or added. */
static const uint8_t *binding_parse(struct arena *a, const struct binding *b, uint16_t type, char *error,
                                    size_t error_size)
{
        static const uint8_t root[1] = {0};
        char text[NAME_TEXT_MAX + BINDING_PARAMS_MAX + 32];
        uint8_t target[NAME_WIRE_MAX];
        const char *why = "";

        snprintf(text, sizeof(text), "%d %s %s", (int)b->priority, b->target, b->params);
        const uint8_t *rdata = rdata_parse(type, text, root, a, error, error_size);
        if (rdata && (!name_parse(b->target, NULL, target, &why) || !name_equal(target, rdata + 4))) {
                snprintf(error, error_size, "the target cannot stand in a record");
                return NULL;
        }
        return rdata;
}

static const char *link_binding(struct model *m, const struct service *s, struct binding *b, uint16_t type, char *error,
                                size_t error_size)
{
        b->steered = steered_by(m, s, b);
        const uint8_t *rdata = binding_parse(s->arena, b, type, error, error_size);
        if (!rdata)
                return error;
        b->rdata = rdata + 2;
        b->length = (uint16_t)get16(rdata);
        b->target_length = (uint16_t)name_length(b->rdata + 2);
        if (b->length > BINDING_RDATA_MAX)
                return "longer than a record may be";
        place_hints(b);
        return params_wrong(b);
}

static void link_list(struct model *m, struct service *s, const struct binding_list *list, uint16_t type,
                      struct problems *problems)
{
        const char *name = type == TYPE_SVCB ? "svcb" : "https";
        struct binding *bindings = list->items;
        char rest[40], error[300];

        for (uint32_t i = 0; i < list->count; i++) {
                snprintf(rest, sizeof(rest), "%s[%u]", name, i);
                if (!bindings[i].priority && list->count > 1)
                        model_problem(problems, KIND_SERVICES, s->name, rest,
                                      "priority 0 (AliasMode) stands alone, RFC 9460 2.4.2");
                snprintf(rest, sizeof(rest), "%s[%u].params", name, i);
                const char *wrong = link_binding(m, s, &bindings[i], type, error, sizeof(error));
                if (wrong)
                        model_problem(problems, KIND_SERVICES, s->name, rest, "%s", wrong);
                for (uint32_t j = 0; !wrong && j < i; j++)
                        if (bindings[j].rdata && bindings[j].length == bindings[i].length &&
                            !memcmp(bindings[j].rdata, bindings[i].rdata, bindings[i].length))
                                model_problem(problems, KIND_SERVICES, s->name, rest, "the same record stands twice");
        }
        if (!list->count || s->zone == MODEL_NONE)
                return;
        const struct zone *z = m->zones[s->zone];
        uint32_t record = zone_record_of_type(z, s->wire, type);
        if (record != MODEL_NONE)
                model_problem(problems, KIND_SERVICES, s->name, name,
                              "zones[%s].records[%u] has this type for this name already", z->name, record);
}

void bindings_link(struct model *m, struct service *s, struct problems *problems)
{
        link_list(m, s, &s->svcb, TYPE_SVCB, problems);
        link_list(m, s, &s->https, TYPE_HTTPS, problems);
}
