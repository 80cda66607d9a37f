/* Collections and items of every kind. */
#include <stdio.h>
#include <string.h>
#include "admin/api/handlers.h"
#include "admin/api/permit.h"
#include "base/documents/doc_merge.h"

#define KEY_MAX 1100

static struct doc *presentable(struct call *c, struct doc *d)
{
        if (c->kind == KIND_TOKENS)
                token_present(c, d);
        if (call_flag(c, PARAMETER_DEFAULTS))
                return schema_with_defaults(kind_schema(c->kind), d, c->arena);
        return d;
}

/* --- lists --- */

bool call_filter(struct call *c, enum kind kind, struct filter *f)
{
        *f = (struct filter){call_text(c, PARAMETER_PREFIX), call_text(c, PARAMETER_OF_REGION),
                             call_text(c, PARAMETER_OF_POOL), call_text(c, PARAMETER_LABEL)};
        const char *wrong = filter_wrong(f, snapshot_current()->model, kind, c->arena);

        if (wrong)
                reply_problem(c, 400, "%s", wrong);
        return !wrong;
}

struct listing {
        struct call *call;
        struct filter filter;
        struct doc *items;
        uint64_t limit, looked;
        char last[KEY_MAX]; /* from which the next page goes on */
        bool more;
};

static bool list_row(void *context, const char *key, const char *json, size_t length)
{
        struct listing *l = context;
        struct problems none = PROBLEMS_INIT;

        if (filter_is_over(&l->filter, key))
                return false;
        l->more = l->items->count == l->limit || l->looked++ == FILTER_LOOKS_MOST;
        if (l->more)
                return false;
        snprintf(l->last, sizeof(l->last), "%s", key);
        if (!filter_item(&l->filter, snapshot_current()->model, l->call->kind, key))
                return true;
        struct doc *d = doc_parse(l->call->arena, json, length, DOC_JSON, &none);
        problems_free(&none);
        if (d && permit_sees(l->call, l->call->kind, key, d))
                doc_add(l->items, NULL, presentable(l->call, d));
        return true;
}

void handle_list(struct call *c)
{
        struct listing l = {.call = c, .limit = call_number(c, PARAMETER_LIMIT, c->route->limit)};
        struct doc *d = doc_new(c->arena, DOC_MAP);
        char start[FILTER_START_MAX];
        struct store_txn *txn = call_filter(c, c->kind, &l.filter) ? call_read(c) : NULL;

        if (!txn)
                return;
        l.items = doc_add_list(c->arena, d, "items");
        store_each(txn, c->kind, filter_start(&l.filter, call_text(c, PARAMETER_AFTER), start), list_row, &l);
        if (!call_read_end(c))
                return;
        doc_add_string(c->arena, d, "next", l.more ? l.last : NULL);
        reply_doc(c, 200, d);
}

/* --- items --- */

static bool item_key(struct call *c, char key[KEY_MAX])
{
        const char *only = kind_only_key(c->kind);

        if (kind_key_canonical(c->kind, only ? only : c->parts[0], key, KEY_MAX))
                return true;
        reply_problem(c, 404, "\"%s\" is not a key of %s", c->parts[0], kind_name(c->kind));
        return false;
}

static bool item_read(struct call *c, const char *key, struct doc **d)
{
        struct store_txn *txn = call_read(c);

        if (!txn)
                return false;
        *d = store_get(txn, c->kind, key, c->arena);
        if (!*d && kind_only_key(c->kind)) /* it is always there, if with nothing in it */
                *d = doc_new(c->arena, DOC_MAP);
        return call_read_end(c);
}

/* The item that the path names, as it is; false: a reply was sent. */
static bool named_item(struct call *c, char key[KEY_MAX], struct doc **d)
{
        if (!item_key(c, key) || !item_read(c, key, d))
                return false;
        if (!*d)
                reply_problem(c, 404, "there is no %s[%s]", kind_name(c->kind), key);
        return *d != NULL;
}

void handle_get(struct call *c)
{
        char key[KEY_MAX];
        struct doc *d;

        if (named_item(c, key, &d) && !call_not_modified(c, doc_etag(c->arena, d)))
                reply_doc(c, 200, presentable(c, d));
}

/* Whether the document is a good item of the kind, alone. `url_key`: the key that it must have, or NULL. false: 422 was
 * sent. */
static bool check_item(struct call *c, const char *url_key, struct doc *d, char key[KEY_MAX])
{
        void *decoded = arena_alloc(c->arena, kind_schema(c->kind)->size);
        const char *field = kind_key_field(c->kind);

        if (url_key && field && d->type == DOC_MAP && !doc_get(d, field))
                doc_set(d, field, doc_string(c->arena, url_key));
        if (schema_decode(kind_schema(c->kind), d, c->arena, decoded, &c->problems) &&
            kind_key(c->kind, d, key, KEY_MAX, &c->problems) && url_key && strcmp(key, url_key))
                doc_problem(&c->problems, d, field, "expected \"%s\" as in the URL, got \"%s\"", url_key, key);
        return call_valid(c);
}

static void store_item(struct call *c, const char *key, struct doc *d, int status)
{
        struct change change = {c->kind, key, d};

        reply_change(c, &change, 1, call_text(c, PARAMETER_COMMENT), status, NULL, d);
}

void handle_create(struct call *c)
{
        char key[KEY_MAX];
        struct doc *d = call_body(c), *old;

        if (!d || !check_item(c, NULL, d, key) || !item_read(c, key, &old))
                return;
        if (old)
                reply_problem(c, 409, "%s[%s] exists already; PUT replaces it", kind_name(c->kind), key);
        else
                store_item(c, key, d, 201);
}

void handle_put(struct call *c)
{
        char key[KEY_MAX], url_key[KEY_MAX];
        struct doc *d, *old;

        if (!item_key(c, url_key) || !(d = call_body(c)) || !check_item(c, url_key, d, key) ||
            !item_read(c, key, &old) || !call_precondition(c, old))
                return;
        store_item(c, key, d, old ? 200 : 201);
}

void handle_patch(struct call *c)
{
        char key[KEY_MAX], url_key[KEY_MAX];
        struct doc *old, *patch;

        if (!named_item(c, url_key, &old) || !call_precondition(c, old) || !(patch = call_body(c)))
                return;
        if (!merge_patch_check(patch, &c->problems) && !call_valid(c))
                return;
        struct doc *d = merge_patch(c->arena, old, patch);
        if (check_item(c, url_key, d, key))
                store_item(c, key, d, 200);
}

void handle_delete(struct call *c)
{
        char key[KEY_MAX];
        struct doc *old;

        if (!named_item(c, key, &old) || !call_precondition(c, old))
                return;
        struct change change = {c->kind, key, NULL};
        reply_change(c, &change, 1, call_text(c, PARAMETER_COMMENT), 200, NULL, NULL);
}
