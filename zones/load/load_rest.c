/* Loading what can be taken of a configuration that is not valid as a whole. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "zones/load/load_private.h"

#define PASSES_MAX 64 /* each takes away what the one before showed; then the configuration is given up */

struct repair {
        struct store_txn *txn;
        const struct over *over;
        struct arena *arena;
        struct map *instead; /* as model_load_with takes it */
};

/* --- from a problem to the part of a document --- */

/* The document "kind/key" as it stands after the repairs so far, NULL when there is none. */
static struct doc *document_of(struct repair *r, enum kind kind, const char *key)
{
        const char *id = arena_printf(r->arena, "%s/%s", kind_name(kind), key);
        struct doc *d = map_get(r->instead, id);
        const struct change *change = over_find(r->over, kind, key);

        if (d || (change && !change->document))
                return d;
        d = change ? doc_copy(r->arena, change->document) : store_get(r->txn, kind, key, r->arena);
        if (!d || d->type != DOC_MAP) /* what is no map stands for a document that is left out */
                d = change || store_has(r->txn, kind, key) ? doc_new(r->arena, DOC_NULL) : NULL;
        if (d)
                map_set(r->instead, id, d);
        return d;
}

static struct doc *element_of(const struct doc *list, const char *text, size_t length)
{
        uint32_t index = 0;

        doc_each (one, list) {
                const char *name = one->type == DOC_MAP ? doc_get_string(one, "name") : NULL;
                if (name && strlen(name) == length && !strncmp(name, text, length))
                        return one;
        }
        for (size_t i = 0; i < length; i++) {
                if (!isdigit((unsigned char)text[i]) || index > 1000000)
                        return NULL;
                index = index * 10 + (uint32_t)(text[i] - '0');
        }
        doc_each (one, list)
                if (!index--)
                        return one;
        return NULL;
}

/* What stands alone of the place `rest` (".pools[1].weight"): the element of the first list on the way, of its
 * schedules one alone, or the member of the document; NULL: nothing less than the document. */
static struct doc *part_at(struct repair *r, const struct doc *d, const char *rest)
{
        if (*rest != '.')
                return NULL;
        size_t length = strcspn(++rest, ".[");
        struct doc *member = doc_get(d, arena_printf(r->arena, "%.*s", (int)length, rest));
        if (!member || member->type != DOC_LIST || rest[length] != '[')
                return member;
        rest += length + 1;
        length = strcspn(rest, "]");
        struct doc *element = element_of(member, rest, length);
        if (element && !strncmp(rest + length, "].schedules[", strlen("].schedules[")))
                return part_at(r, element, rest + length + 1);
        return element ? element : member;
}

/* The document that a problem's path begins with, and what of the path follows. Keys may hold brackets. */
static struct doc *document_at(struct repair *r, const char *path, const char **rest)
{
        const char *bracket = strchr(path, '[');
        enum kind kind;

        if (!bracket || !kind_parse(arena_printf(r->arena, "%.*s", (int)(bracket - path), path), &kind))
                return NULL;
        for (const char *end = strchr(bracket, ']'); end; end = strchr(end + 1, ']')) {
                if (end[1] && end[1] != '.')
                        continue;
                const char *key = arena_printf(r->arena, "%.*s", (int)(end - bracket - 1), bracket + 1);
                struct doc *d = document_of(r, kind, key);
                *rest = end + 1;
                if (d)
                        return d;
        }
        return NULL;
}

/* --- taking it away --- */

static bool leave_out(struct doc *part)
{
        if (!part->parent) { /* a whole document */
                bool there = part->type == DOC_MAP;
                part->type = DOC_NULL;
                return there;
        }
        doc_remove(part->parent, part);
        return true;
}

/* Who may come in: without a part of it, it would say something else. */
static bool stands_whole(const char *path)
{
        const char *name = kind_name(KIND_TOKENS);

        return !strncmp(path, name, strlen(name)) && path[strlen(name)] == '[';
}

/* All parts are found before one is taken away, for the others' places are told by what was there. */
static bool leave_out_all(struct repair *r, const struct problems *problems)
{
        struct doc **parts = memory_alloc((problems->count + 1) * sizeof(struct doc *));
        size_t count = 0;
        const char *rest;
        bool any = false;

        for (size_t i = 0; i < problems->count; i++) {
                struct doc *d = document_at(r, problems->list[i].path, &rest);
                if (!d)
                        continue;
                bool divides = d->type == DOC_MAP && !stands_whole(problems->list[i].path);
                struct doc *part = divides ? part_at(r, d, rest) : NULL;
                parts[count++] = part ? part : d;
                any |= d->type == DOC_NULL; /* not readable at all: it was put there for that just now */
        }
        for (size_t i = 0; i < count; i++) {
                bool twice = false;
                for (size_t n = 0; n < i; n++)
                        twice |= parts[n] == parts[i];
                any |= !twice && leave_out(parts[i]);
        }
        free(parts);
        return any;
}

static bool stands_in(const struct problems *known, const struct problem *p)
{
        for (size_t i = 0; i < known->count; i++)
                if (!strcmp(known->list[i].path, p->path) && !strcmp(known->list[i].message, p->message))
                        return true;
        return false;
}

/* Those of `found` that may not be put up with go to `problems`, the others to `left_out`. */
static bool put_up_with(const struct problems *found, const struct problems *known, struct problems *left_out,
                        struct problems *problems)
{
        size_t before = problems->count;

        for (size_t i = 0; i < found->count; i++) {
                const struct problem *p = &found->list[i];
                bool good = !known || stands_in(known, p);
                problems_add(good ? left_out : problems, p->path, p->line, "%s", p->message);
        }
        return problems->count == before;
}

struct model *model_load_over(struct store_txn *txn, const struct over *over, const struct model *previous,
                              const struct problems *known, struct problems *left_out, struct problems *problems)
{
        struct repair r = {.txn = txn, .over = over, .arena = arena_new(0), .instead = map_new()};
        struct model *model = NULL;
        bool going = true;

        for (int pass = 0; going && pass < PASSES_MAX; pass++) {
                struct problems found = PROBLEMS_INIT;
                model = model_load_with(txn, over, previous, MODEL_MAX, r.instead, &found);
                going = !model && put_up_with(&found, known, left_out, problems);
                if (going && !leave_out_all(&r, &found)) { /* the store or memory, no document */
                        put_up_with(&found, &(struct problems){0}, left_out, problems);
                        going = false;
                }
                problems_free(&found);
        }
        if (!model && !problems->count)
                problems_add(problems, "", 0, "too much of it is not valid");
        map_free(r.instead);
        arena_free(r.arena);
        return model;
}

struct model *model_load_rest(struct store_txn *txn, const struct model *previous, const struct problems *known,
                              struct problems *left_out, struct problems *problems)
{
        return model_load_over(txn, NULL, previous, known, left_out, problems);
}
