/* Records of a zone and endpoints of a pool: parts of their document, with paths of their own. Changing a part is
 * changing the document it stands in. */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "admin/api/handlers.h"
#include "base/documents/doc_merge.h"
#include "zones/dns/name.h"

#define KEY_MAX 1100

/* What a part is called in the whole, and how it is told from others. */
struct part_place {
        enum kind kind;
        const char *list;
        char key[KEY_MAX];          /* of the whole */
        const char *first, *second; /* the part's key: endpoint name, or owner and type */
};

const char *call_endpoint_id(struct call *c)
{
        return arena_printf(c->arena, "%s/%s", c->parts[0], c->parts[1]);
}

static bool part_place_find(struct call *c, struct part_place *p)
{
        *p = (struct part_place){.kind = c->kind, .first = c->parts[1], .second = c->parts[2]};
        p->list = c->kind == KIND_ZONES ? "records" : "endpoints";
        if (kind_key_canonical(p->kind, c->parts[0], p->key, sizeof(p->key)))
                return true;
        reply_problem(c, 404, "\"%s\" is not a key of %s", c->parts[0], kind_name(p->kind));
        return false;
}

static struct doc *read_whole(struct call *c, const struct part_place *p)
{
        struct store_txn *txn = call_read(c);

        if (!txn)
                return NULL;
        struct doc *whole = store_get(txn, p->kind, p->key, c->arena);
        if (!call_read_end(c))
                return NULL;
        if (!whole)
                reply_problem(c, 404, "there is no %s[%s]", kind_name(p->kind), p->key);
        return whole;
}

/* The whole that the path names, NULL: a reply was sent. */
static struct doc *whole_of(struct call *c, struct part_place *p)
{
        return part_place_find(c, p) ? read_whole(c, p) : NULL;
}

/* Owners are equal when they are the same name, however written. */
static bool same_owner(const char *a, const char *b, const char *zone)
{
        uint8_t origin[NAME_WIRE_MAX], x[NAME_WIRE_MAX], y[NAME_WIRE_MAX];
        const char *why;

        return name_parse(zone, NULL, origin, &why) && name_parse(a, origin, x, &why) &&
               name_parse(b, origin, y, &why) && name_equal(x, y);
}

static const char *part_name(const struct part_place *p, const struct doc *part)
{
        const char *name = doc_get_string(part, "name");

        if (part->type == DOC_STRING) /* an endpoint written as its address */
                return part->string;
        return name || p->kind == KIND_ZONES ? name : doc_get_string(part, "address");
}

static bool is_part(const struct part_place *p, const struct doc *part, const char *first, const char *second)
{
        const char *name = part_name(p, part), *type = doc_get_string(part, "type");

        if (!name)
                return false;
        if (p->kind == KIND_POOLS)
                return !strcmp(name, first);
        return type && !strcasecmp(type, second) && same_owner(name, first, p->key);
}

static struct doc *find_part(const struct part_place *p, const struct doc *whole, const char *first, const char *second)
{
        struct doc *list = doc_get(whole, p->list);

        if (list && list->type == DOC_LIST)
                doc_each (part, list)
                        if (is_part(p, part, first, second))
                                return part;
        return NULL;
}

static void say_missing(struct call *c, const struct part_place *p)
{
        reply_problem(c, 404, "there is no %s[%s%s%s] in %s[%s]", p->list, p->first, p->second ? "/" : "",
                      p->second ? p->second : "", kind_name(p->kind), p->key);
}

/* The whole and the part that the path names; NULL: a reply was sent. */
static struct doc *part_of(struct call *c, struct part_place *p, struct doc **whole)
{
        *whole = whole_of(c, p);
        struct doc *part = *whole ? find_part(p, *whole, p->first, p->second) : NULL;

        if (*whole && !part)
                say_missing(c, p);
        return part;
}

struct doc *call_target(struct call *c, bool *good)
{
        struct part_place p;
        struct doc *whole;

        *good = part_place_find(c, &p) && call_read(c);
        if (!*good)
                return NULL;
        whole = store_get(c->txn, p.kind, p.key, c->arena);
        *good = call_read_end(c);
        return whole && p.first ? find_part(&p, whole, p.first, p.second) : whole;
}

void handle_parts_list(struct call *c)
{
        struct part_place p;
        struct doc *whole = whole_of(c, &p), *d, *list;

        if (!whole)
                return;
        list = doc_get(whole, p.list);
        d = doc_new(c->arena, DOC_MAP);
        doc_add(d, "items", list ? doc_copy(c->arena, list) : doc_new(c->arena, DOC_LIST));
        doc_add_string(c->arena, d, "next", NULL);
        reply_doc(c, 200, d);
}

void handle_part_get(struct call *c)
{
        struct part_place p;
        struct doc *whole, *part = part_of(c, &p, &whole);

        if (part && !call_not_modified(c, doc_etag(c->arena, part)))
                reply_doc(c, 200, part);
}

/* A whole with this part alone; NULL: with none. */
static const struct doc *with_part(struct call *c, const struct part_place *p, const struct doc *part)
{
        struct doc *whole = doc_new(c->arena, DOC_MAP), *list = doc_new(c->arena, DOC_LIST);

        if (part)
                doc_add(list, NULL, doc_copy(c->arena, part));
        doc_add(whole, p->list, list);
        return whole;
}

/* Stores the whole, in whose list `part` stands now for `old`; either may be NULL. */
static void store_whole(struct call *c, const struct part_place *p, struct doc *whole, int status,
                        const struct doc *old, const struct doc *part)
{
        void *decoded = arena_alloc(c->arena, kind_schema(p->kind)->size);
        struct change change = {p->kind, p->key, whole};

        schema_decode(kind_schema(p->kind), whole, c->arena, decoded, &c->problems);
        if (call_valid(c))
                reply_change_then(c, &change, 1,
                                  &(struct change_words){.comment = call_text(c, PARAMETER_COMMENT),
                                                         .status = status,
                                                         .etag_of = part,
                                                         .was = with_part(c, p, old),
                                                         .is = with_part(c, p, part)});
}

static struct doc *list_of(struct call *c, const struct part_place *p, struct doc *whole)
{
        struct doc *list = doc_get(whole, p->list);

        if (!list) {
                list = doc_new(c->arena, DOC_LIST);
                doc_set(whole, p->list, list);
        }
        return list;
}

void handle_part_create(struct call *c)
{
        struct part_place p;
        struct doc *whole = whole_of(c, &p), *part = whole ? call_body(c) : NULL;

        if (!part)
                return;
        const char *name = part_name(&p, part), *type = doc_get_string(part, "type");
        if (name && (type || p.kind == KIND_POOLS) && find_part(&p, whole, name, type)) {
                reply_problem(c, 409, "it exists already in %s[%s]; PUT replaces it", kind_name(p.kind), p.key);
                return;
        }
        doc_add(list_of(c, &p, whole), NULL, part);
        store_whole(c, &p, whole, 201, NULL, part);
}

static void say_misnamed(struct call *c, const struct part_place *p, const struct doc *part)
{
        const char *type = doc_get_string(part, "type");
        bool by_type = p->second && (!type || strcasecmp(type, p->second) != 0);

        doc_problem(&c->problems, part, by_type ? "type" : "name", "expected \"%s\" as in the URL",
                    by_type ? p->second : p->first);
        call_valid(c);
}

/* Puts the part in the place of the old one (NULL: at the end), when it has the name that the path says. */
static void store_part(struct call *c, const struct part_place *p, struct doc *whole, struct doc *old, struct doc *part)
{
        struct doc *list = list_of(c, p, whole);

        if (part->type == DOC_MAP && !doc_get(part, "name"))
                doc_set(part, "name", doc_string(c->arena, p->first));
        if (part->type == DOC_MAP && p->second && !doc_get(part, "type"))
                doc_set(part, "type", doc_string(c->arena, p->second));
        if (!is_part(p, part, p->first, p->second)) {
                say_misnamed(c, p, part);
                return;
        }
        if (old)
                doc_replace(old, part);
        else
                doc_add(list, NULL, part);
        store_whole(c, p, whole, old ? 200 : 201, old, part);
}

void handle_part_put(struct call *c)
{
        struct part_place p;
        struct doc *whole = whole_of(c, &p), *part = whole ? call_body(c) : NULL;

        if (!part)
                return;
        struct doc *old = find_part(&p, whole, p.first, p.second);
        if (call_precondition(c, old))
                store_part(c, &p, whole, old, part);
}

void handle_part_patch(struct call *c)
{
        struct part_place p;
        struct doc *whole, *old = part_of(c, &p, &whole), *patch;

        if (!old || !call_precondition(c, old) || !(patch = call_body(c)))
                return;
        struct doc *base = old;
        if (old->type == DOC_STRING) { /* an endpoint written as its address */
                base = doc_new(c->arena, DOC_MAP);
                doc_add_string(c->arena, base, "address", old->string);
        }
        store_part(c, &p, whole, old, merge_patch(c->arena, base, patch));
}

void handle_part_delete(struct call *c)
{
        struct part_place p;
        struct doc *whole, *old = part_of(c, &p, &whole);

        if (!old || !call_precondition(c, old))
                return;
        doc_remove(doc_get(whole, p.list), old);
        store_whole(c, &p, whole, 200, old, NULL);
}

/* --- all records, all endpoints --- */

struct gathering {
        struct call *call;
        struct filter filter; /* of wholes; the label may be the part's */
        const char *list, *whole_name, *label;
        struct doc *items;
        uint64_t limit, looked;
        char *last; /* whole, and whether there is one behind it */
        bool more;
};

/* Whether a part of a whole has it, or the whole does. */
static bool part_has_label(const struct gathering *g, const char *key, const struct doc *part)
{
        struct filter f = {.label = g->label};
        const struct doc *labels = g->label && part->type == DOC_MAP ? doc_get(part, "labels") : NULL;

        if (!g->label || filter_item(&f, snapshot_current()->model, KIND_POOLS, key))
                return true;
        if (labels && labels->type == DOC_STRING)
                return !strcmp(labels->string, g->label);
        for (const struct doc *one = labels && labels->type == DOC_LIST ? labels->first : NULL; one; one = one->next)
                if (one->type == DOC_STRING && !strcmp(one->string, g->label))
                        return true;
        return false;
}

static bool gather(void *context, const char *key, const char *json, size_t length)
{
        struct gathering *g = context;
        struct problems none = PROBLEMS_INIT;
        struct arena *a = g->call->arena;

        if (filter_is_over(&g->filter, key))
                return false;
        /* A page ends with a whole. */
        g->more = g->items->count >= g->limit || g->looked++ == FILTER_LOOKS_MOST;
        if (g->more)
                return false;
        snprintf(g->last, KEY_MAX, "%s", key);
        if (!filter_item(&g->filter, snapshot_current()->model, g->call->kind, key))
                return true;
        struct doc *whole = doc_parse(a, json, length, DOC_JSON, &none);

        problems_free(&none);
        if (whole && call_flag(g->call, PARAMETER_DEFAULTS))
                whole = schema_with_defaults(kind_schema(g->call->kind), whole, a);
        struct doc *list = whole ? doc_get(whole, g->list) : NULL;
        if (!list || list->type != DOC_LIST)
                return true;
        doc_each (part, list) {
                if (!part_has_label(g, key, part))
                        continue;
                struct doc *one = doc_add_map(a, g->items, NULL);
                doc_add_string(a, one, g->whole_name, key);
                if (part->type == DOC_MAP)
                        doc_each (member, part)
                                doc_add(one, member->key, doc_copy(a, member));
                else if (part->type == DOC_STRING)
                        doc_add_string(a, one, "address", part->string);
        }
        return true;
}

void handle_all_parts(struct call *c)
{
        bool records = c->kind == KIND_ZONES;
        struct gathering g = {.call = c,
                              .list = records ? "records" : "endpoints",
                              .whole_name = records ? "zone" : "pool",
                              .last = arena_bytes(c->arena, KEY_MAX)};
        struct doc *d = doc_new(c->arena, DOC_MAP);
        char start[FILTER_START_MAX];
        struct store_txn *txn = call_filter(c, c->kind, &g.filter) ? call_read(c) : NULL;

        if (!txn)
                return;
        g.label = g.filter.label;
        g.filter.label = NULL;
        g.items = doc_add_list(c->arena, d, "items");
        g.limit = call_number(c, PARAMETER_LIMIT, c->route->limit);
        store_each(txn, c->kind, filter_start(&g.filter, call_text(c, PARAMETER_AFTER), start), gather, &g);
        if (!call_read_end(c))
                return;
        doc_add_string(c->arena, d, "next", g.more ? g.last : NULL);
        reply_doc(c, 200, d);
}
