#include "admin/api/permit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/api/handlers.h"
#include "admin/http/auth.h"
#include "zones/answers/snapshot.h"
#include "zones/dns/name.h"

bool permit_role(struct call *c, enum role needs)
{
        if (role_allows(c->role, needs))
                return true;
        reply_problem(c, 403, "this needs role %s, %s\"%s\" has role %s", role_name(needs),
                      c->token_hash ? "the token " : "", c->who, role_name(c->role));
        return false;
}

/* --- scopes --- */

static bool is_scoped(const struct call *c)
{
        return c->token && (c->token->zones.count || c->token->pool_labels.count);
}

static bool listed(const struct strings *list, const char *text)
{
        for (uint32_t i = 0; i < list->count; i++)
                if (!strcmp(list->items[i], text))
                        return true;
        return false;
}

/* A service belongs to the longest zone that holds it. */
static bool service_in_scope(const struct call *c, const char *name)
{
        const struct model *m = snapshot_current()->model;
        const struct zone *longest = NULL;
        uint8_t wire[NAME_WIRE_MAX];
        const char *why;

        if (!name_parse(name, NULL, wire, &why))
                return false;
        model_each (zone, z, m->zones, m->count[KIND_ZONES])
                if (name_within(wire, z->wire) && (!longest || name_labels(z->wire) > name_labels(longest->wire)))
                        longest = z;
        return longest && listed(&c->token->zones, longest->name);
}

static bool permit_has_label(const struct call *c, const struct doc *pool)
{
        const struct doc *labels = pool ? doc_get(pool, "labels") : NULL;

        if (labels && labels->type == DOC_STRING)
                return listed(&c->token->pool_labels, labels->string);
        for (const struct doc *one = labels && labels->type == DOC_LIST ? labels->first : NULL; one; one = one->next)
                if (one->type == DOC_STRING && listed(&c->token->pool_labels, one->string))
                        return true;
        return false;
}

bool permit_sees(const struct call *c, enum kind kind, const char *key, const struct doc *d)
{
        if (!is_scoped(c) || kind == KIND_REGIONS || kind == KIND_RULES)
                return true;
        if (kind == KIND_ZONES)
                return listed(&c->token->zones, key);
        if (kind == KIND_SERVICES)
                return service_in_scope(c, key);
        return kind == KIND_POOLS && permit_has_label(c, d);
}

/* The pool of the snapshot, by its labels. */
static bool pool_in_scope(const struct call *c, const char *name)
{
        const struct model *m = snapshot_current()->model;
        uint32_t pool = model_find(m, KIND_POOLS, name);

        for (uint32_t i = 0; pool != MODEL_NONE && i < m->pools[pool]->labels.count; i++)
                if (listed(&c->token->pool_labels, m->pools[pool]->labels.items[i]))
                        return true;
        return false;
}

static void refuse_path(struct call *c)
{
        reply_problem(c, 403, "%s is outside of the scope of the token \"%s\"", c->path, c->who);
}

bool permit_scoped(struct call *c)
{
        bool good = c->route && c->route->reach != REACH_NONE;

        if (!good)
                refuse_path(c);
        return good;
}

bool permit_call(struct call *c)
{
        char key[NAME_TEXT_MAX + 80];
        const char *name = c->parts[0] ? c->parts[0] : "";

        if (!is_scoped(c) || c->route->reach != REACH_PATH)
                return true;
        bool good = kind_key_canonical(c->kind, name, key, sizeof(key)) &&
                    (c->kind == KIND_POOLS ? pool_in_scope(c, key) : permit_sees(c, c->kind, key, NULL));
        if (!good)
                refuse_path(c);
        return good;
}

/* Of a zone a scoped token changes the records alone. */
static bool only_records_differ(struct arena *a, const struct doc *old, const struct doc *new)
{
        if (!old || !new || old->type != DOC_MAP || new->type != DOC_MAP)
                return false;
        struct doc *x = doc_copy(a, old), *y = doc_copy(a, new);
        if (doc_get(x, "records"))
                doc_remove(x, doc_get(x, "records"));
        if (doc_get(y, "records"))
                doc_remove(y, doc_get(y, "records"));
        return doc_equal(x, y);
}

/* Of a pool with a label of the token, or of one of its endpoints; a region holds pools of others too. */
static bool drain_in_scope(struct call *c, const char *key)
{
        enum drain_scope scope;
        const char *target;

        if (!drain_key_parse(key, &scope, &target) || scope == DRAIN_REGION)
                return false;
        size_t pool = scope == DRAIN_POOL ? strlen(target) : strcspn(target, "/");
        return pool_in_scope(c, arena_printf(c->arena, "%.*s", (int)pool, target));
}

static bool change_in_scope(struct call *, struct store_txn *, const struct change *);

/* Whether all that a revision changed is. */
static bool revision_in_scope(struct call *c, struct store_txn *txn, const char *number)
{
        const struct doc *entry = store_history_one(txn, strtoull(number, NULL, 10), c->arena);
        const struct doc *list = entry ? doc_get(entry, "changes") : NULL;
        struct change one = {0};

        if (!list)
                return false;
        doc_each (item, list) {
                const char *kind = doc_get_string(item, "kind");
                one.key = doc_get_string(item, "key");
                if (!kind || !one.key || !kind_parse(kind, &one.kind))
                        return false;
                one.document = store_get(txn, one.kind, one.key, c->arena);
                if (!kind_is_duty(one.kind) && !change_in_scope(c, txn, &one))
                        return false;
        }
        return true;
}

static bool change_in_scope(struct call *c, struct store_txn *before, const struct change *change)
{
        const struct doc *old = store_get(before, change->kind, change->key, c->arena), *new = change->document;

        switch ((int)change->kind) {
        case KIND_SERVICES:
                return service_in_scope(c, change->key);
        case KIND_ZONES:
                return listed(&c->token->zones, change->key) && only_records_differ(c->arena, old, new);
        case KIND_POOLS:
                return (!old || permit_has_label(c, old)) && (!new || permit_has_label(c, new));
        case KIND_DRAINS:
        case KIND_HOLDS:
                return drain_in_scope(c, change->key);
        case KIND_CONFIRMS: /* it comes with what it is about, which is looked at */
                return new || revision_in_scope(c, before, change->key);
        case KIND_SHIFTS:
                return service_in_scope(c, change->key);
        default:
                return false;
        }
}

bool permit_change(struct call *c, struct store_txn *before, const struct change *change)
{
        return !is_scoped(c) || change_in_scope(c, before, change);
}

bool permit_changes(struct call *c, struct store_txn *before, const struct change *changes, size_t count)
{
        struct problems outside = PROBLEMS_INIT;
        char place[NAME_TEXT_MAX + 80];

        for (size_t i = 0; i < count; i++)
                if (!permit_change(c, before, &changes[i])) {
                        snprintf(place, sizeof(place), "%s[%s]", kind_name(changes[i].kind), changes[i].key);
                        problems_add(&outside, place, 0, "is outside of the scope of the token \"%s\"", c->who);
                }
        if (outside.count)
                reply_problems(c, 403, "what it would change is outside of the token's scope, nothing was changed",
                               &outside);
        bool good = !outside.count;
        problems_free(&outside);
        return good;
}

/* --- the last admin --- */

static bool is_lasting(const struct token *t)
{
        return t->role == ROLE_ADMIN && !t->until_ms;
}

/* Whether the changes make a token of role admin without an end. */
static bool makes_lasting(const struct change *changes, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                const struct doc *d = changes[i].kind == KIND_TOKENS ? changes[i].document : NULL;
                const char *role = d ? doc_get_string(d, "role") : NULL;
                if (role && !strcmp(role, role_name(ROLE_ADMIN)) && !doc_get(d, "until"))
                        return true;
        }
        return false;
}

static const struct change *change_of_token(const struct change *changes, size_t count, const char *name)
{
        for (size_t i = 0; i < count; i++)
                if (changes[i].kind == KIND_TOKENS && !strcmp(changes[i].key, name))
                        return &changes[i];
        return NULL;
}

bool permit_tokens(struct call *c, const struct change *changes, size_t count)
{
        const struct model *m = snapshot_current()->model;
        const char *gone = NULL;

        model_each (token, t, m->tokens, m->count[KIND_TOKENS]) {
                if (!is_lasting(t))
                        continue;
                if (!change_of_token(changes, count, t->name))
                        return true;
                gone = t->name;
        }
        if (!gone || makes_lasting(changes, count))
                return true;
        reply_problem(c, 409,
                      "tokens[%s] is the last one of role admin without an end: make another first, "
                      "`gslbctl token create NAME --role admin`",
                      gone);
        return false;
}
