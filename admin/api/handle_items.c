/* Collections and items of every kind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/api/handlers.h"

#define LIST_DEFAULT 1000
#define LIST_MOST    10000
#define KEY_MAX      1100

/* A token's hash is nobody's business. */
static struct doc *presentable(enum kind kind, struct doc *d, struct call *c)
{
        if (kind == KIND_TOKENS && doc_get(d, "hash"))
                doc_remove(d, doc_get(d, "hash"));
        if (call_flag(c, "defaults"))
                return schema_with_defaults(kind_schema(kind), d, c->arena);
        return d;
}

/* --- lists --- */

struct listing {
        struct call *call;
        enum kind kind;
        struct doc *items;
        uint32_t limit;
        char last[KEY_MAX]; /* from which the next page goes on */
        bool more;
};

static bool list_row(void *context, const char *key, const char *json, size_t length)
{
        struct listing *l = context;
        struct problems none = PROBLEMS_INIT;

        l->more = l->items->count == l->limit;
        if (l->more)
                return false;
        struct doc *d = doc_parse(l->call->arena, json, length, DOC_JSON, &none);
        problems_free(&none);
        if (d)
                doc_add(l->items, NULL, presentable(l->kind, d, l->call));
        snprintf(l->last, sizeof(l->last), "%s", key);
        return true;
}

void handle_list(struct call *c)
{
        struct listing l = {.call = c, .limit = LIST_DEFAULT};
        const char *limit = call_query(c, "limit"), *after = call_query(c, "after");
        struct doc *d = doc_new(c->arena, DOC_MAP);

        if (!call_kind(c, &l.kind))
                return;
        if (limit) {
                char *end;
                unsigned long n = strtoul(limit, &end, 10);
                if (*end || !*limit || n < 1 || n > LIST_MOST) {
                        reply_problem(c, 400, "limit: expected an integer from 1 to %d, got \"%s\"", LIST_MOST, limit);
                        return;
                }
                l.limit = (uint32_t)n;
        }
        struct store_txn *txn = call_read(c);
        if (!txn)
                return;
        l.items = doc_add_list(c->arena, d, "items");
        store_each(txn, l.kind, after, list_row, &l);
        if (!call_read_end(c, txn))
                return;
        doc_add_string(c->arena, d, "next", l.more ? l.last : NULL);
        reply_doc(c, 200, d);
}

/* --- items --- */

static bool item_key(struct call *c, enum kind kind, char *key, size_t size)
{
        if (kind_key_canonical(kind, c->parameters[1], key, size))
                return true;
        reply_problem(c, 404, "\"%s\" is not a key of %s", c->parameters[1], kind_name(kind));
        return false;
}

static bool read_item(struct call *c, enum kind kind, const char *key, struct doc **d)
{
        struct store_txn *txn = call_read(c);

        if (!txn)
                return false;
        *d = store_get(txn, kind, key, c->arena);
        return call_read_end(c, txn);
}

void handle_get(struct call *c)
{
        char key[KEY_MAX];
        enum kind kind;
        struct doc *d;

        if (!call_kind(c, &kind) || !item_key(c, kind, key, sizeof(key)) || !read_item(c, kind, key, &d))
                return;
        if (!d) {
                reply_problem(c, 404, "there is no %s[%s]", kind_name(kind), key);
                return;
        }
        const char *tag = doc_etag(c->arena, d), *none = call_header(c, "If-None-Match");
        call_set_header(c, "ETag", tag);
        if (none && strstr(none, tag))
                reply_nothing(c, 304);
        else
                reply_doc(c, 200, presentable(kind, d, c));
}

/* The body as an item of the kind, checked alone. `url_key`: the key that it must have, or NULL. false: a reply was
 * sent. */
static bool take_item(struct call *c, enum kind kind, const char *url_key, struct doc **document, char *key,
                      size_t size)
{
        struct problems problems = PROBLEMS_INIT;
        struct doc *d = call_body(c);

        if (!d)
                return false;
        const char *field = kind == KIND_NETWORKS ? "cidr" : "name";
        if (url_key && d->type == DOC_MAP && !doc_get(d, field))
                doc_set(d, arena_strdup(c->arena, field), doc_string(c->arena, url_key));
        void *decoded = arena_alloc(c->arena, kind_schema(kind)->size);
        if (schema_decode(kind_schema(kind), d, c->arena, decoded, &problems) &&
            kind_key(kind, d, key, size, &problems) && url_key && strcmp(key, url_key))
                doc_problem(&problems, d, field, "expected \"%s\" as in the URL, got \"%s\"", url_key, key);
        bool good = !problems.count;
        if (!good)
                reply_problems(c, 422, "the document is not valid", &problems);
        problems_free(&problems);
        *document = d;
        return good;
}

static bool refuse_tokens(struct call *c, enum kind kind)
{
        if (kind != KIND_TOKENS)
                return false;
        call_set_header(c, "Allow", "GET, HEAD, DELETE");
        reply_problem(c, 405, "tokens are made by POST /v1/tokens and deleted, not written");
        return true;
}

void handle_create(struct call *c)
{
        char key[KEY_MAX];
        enum kind kind;
        struct doc *d, *old;

        if (!call_kind(c, &kind) || refuse_tokens(c, kind) || !take_item(c, kind, NULL, &d, key, sizeof(key)) ||
            !read_item(c, kind, key, &old))
                return;
        if (old) {
                reply_problem(c, 409, "%s[%s] exists already; PUT replaces it", kind_name(kind), key);
                return;
        }
        struct change change = {kind, key, d};
        reply_change(c, &change, 1, call_query(c, "comment"), 201, NULL, d);
}

void handle_put(struct call *c)
{
        char key[KEY_MAX], url_key[KEY_MAX];
        enum kind kind;
        struct doc *d, *old;

        if (!call_kind(c, &kind) || refuse_tokens(c, kind) || !item_key(c, kind, url_key, sizeof(url_key)) ||
            !take_item(c, kind, url_key, &d, key, sizeof(key)) || !read_item(c, kind, key, &old) ||
            !call_precondition(c, old))
                return;
        struct change change = {kind, key, d};
        reply_change(c, &change, 1, call_query(c, "comment"), old ? 200 : 201, NULL, d);
}

void handle_delete(struct call *c)
{
        char key[KEY_MAX];
        enum kind kind;
        struct doc *old;

        if (!call_kind(c, &kind) || !item_key(c, kind, key, sizeof(key)) || !read_item(c, kind, key, &old))
                return;
        if (!old) {
                reply_problem(c, 404, "there is no %s[%s]", kind_name(kind), key);
                return;
        }
        if (!call_precondition(c, old))
                return;
        struct change change = {kind, key, NULL};
        reply_change(c, &change, 1, call_query(c, "comment"), 200, NULL, NULL);
}
