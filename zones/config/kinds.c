/* The kinds of documents: their tables and keys, and the names of what stands in them. */
#include <stdio.h>
#include <string.h>
#include "zones/config/model.h"
#include "zones/config/names.h"
#include "zones/config/schemas.h"
#include "zones/dns/name.h"

const char *const match_kind_names[] = {MATCH_KINDS(NAMED_TEXT) NULL};
const char *const balance_names[] = {BALANCES(NAMED_TEXT) NULL};
const char *const steering_policy_names[] = {STEERING_POLICIES(NAMED_TEXT) NULL};
const char *const when_all_down_names[] = {ALL_DOWN_CHOICES(NAMED_TEXT) NULL};
const char *const failback_names[] = {FAILBACKS(NAMED_TEXT) NULL};
const char *const role_names[] = {ROLES(NAMED_TEXT) NULL};

static const struct {
        const struct schema *schema;
        const char *key; /* the field that holds the key; NULL: see kind_only_key */
} kinds[KIND_COUNT] = {
        [KIND_REGIONS] = {&region_schema, "name"},   [KIND_NETWORKS] = {&network_schema, "cidr"},
        [KIND_MONITORS] = {&monitor_schema, "name"}, [KIND_POOLS] = {&pool_schema, "name"},
        [KIND_ZONES] = {&zone_schema, "name"},       [KIND_SERVICES] = {&service_schema, "name"},
        [KIND_PROBERS] = {&prober_schema, "name"},   [KIND_RULES] = {&rules_schema, NULL},
        [KIND_TOKENS] = {&token_schema, "name"},     [KIND_DRAINS] = {&drain_schema, "name"},
        [KIND_HOLDS] = {&hold_schema, "name"},       [KIND_CONFIRMS] = {&confirm_schema, "name"},
        [KIND_SHIFTS] = {&shift_schema, "name"},
};

const struct schema *kind_schema(enum kind kind)
{
        return kinds[kind].schema;
}

struct doc *kinds_describe(struct arena *a)
{
        struct doc *d = doc_new(a, DOC_MAP);

        for (int k = 0; k < KIND_COUNT; k++)
                doc_add(d, kind_name((enum kind)k), schema_describe(kind_schema((enum kind)k), a));
        return d;
}

const char *kind_key_field(enum kind kind)
{
        return kinds[kind].key;
}

bool kind_key_canonical(enum kind kind, const char *text, char *out, size_t size)
{
        char key[NAME_TEXT_MAX];
        struct prefix prefix;

        if (kind == KIND_ZONES || kind == KIND_SERVICES || kind == KIND_SHIFTS) {
                if (!name_key(text, key))
                        return false;
        } else if (kind == KIND_NETWORKS) {
                if (!prefix_parse(text, &prefix))
                        return false;
                prefix_format(&prefix, key);
        } else if (kind_only_key(kind)) {
                strcpy(key, kind_only_key(kind));
        } else {
                if (!*text || strlen(text) >= sizeof(key))
                        return false;
                strcpy(key, text);
        }
        return snprintf(out, size, "%s", key) < (int)size;
}

bool kind_key(enum kind kind, const struct doc *document, char *out, size_t size, struct problems *problems)
{
        const char *field = kinds[kind].key, *text = field ? doc_get_string(document, field) : kind_only_key(kind);

        if (!text) {
                if (doc_get(document, field))
                        doc_problem(problems, document, field, "expected a string");
                else
                        doc_problem(problems, document, NULL, "required field \"%s\" is missing", field);
                return false;
        }
        if (kind_key_canonical(kind, text, out, size))
                return true;
        doc_problem(problems, document, field, "expected %s, got \"%s\"",
                    kind == KIND_NETWORKS ? "a network such as 192.0.2.0/24 without host bits"
                    : kind == KIND_ZONES || kind == KIND_SERVICES || kind == KIND_SHIFTS ? "a domain name"
                                                                                         : "a name",
                    text);
        return false;
}
