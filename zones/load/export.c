/* The configuration as text, item by item: never all of it as a document, nor as text. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/documents/schema.h"
#include "base/memory.h"
#include "base/pieces.h"
#include "zones/load/load.h"
#include "zones/store/walk.h"

#define TOGETHER  200 /* items at most that are a document of their own, where that is needed to write them */
#define ITEMS_MAX ((size_t)1 << 30)

struct exporting {
        struct pieces pieces;
        struct store_walk *walk;
        const struct export_terms *terms;
        uint64_t revision;
        struct buffer *out;
        bool begun;
        int kind;
        size_t count; /* of the kind, so far */
        size_t put;   /* of the text that is being written: one may be longer than a piece */
        /* Where it is not told as it is stored: what was read and is not written yet. */
        struct buffer texts; /* each with a NUL behind it */
        unsigned text_count;
        struct arena *arena; /* of what is made of them */
};

/* As it is stored. */
static enum walk_visit put_stored(struct exporting *e, const char *json, size_t length)
{
        if (length < 2 || json[0] != '{' || json[length - 1] != '}') /* damaged: as what cannot be parsed */
                return WALK_ON;
        if (!e->count)
                buffer_printf(e->out, ",\"%s\":%s", kind_name((enum kind)e->kind),
                              kind_only_key((enum kind)e->kind) ? "" : "[");
        else if (!e->put)
                buffer_text(e->out, ",");
        e->count += !e->put;
        size_t part = length - e->put < PIECE_BYTES ? length - e->put : PIECE_BYTES;
        buffer_bytes(e->out, json + e->put, part);
        e->put = e->put + part < length ? e->put + part : 0;
        return e->put ? WALK_AGAIN : e->out->length < PIECE_BYTES ? WALK_ON : WALK_REST;
}

static enum walk_visit export_row(void *context, const char *key, const char *json, size_t length)
{
        struct exporting *e = context;

        if (e->terms->sees && !e->terms->sees(e->terms->context, (enum kind)e->kind, key, json, length))
                return WALK_ON;
        if (!e->terms->yaml && !e->terms->with_defaults)
                return put_stored(e, json, length);
        buffer_bytes(&e->texts, json, length);
        buffer_bytes(&e->texts, "", 1);
        return ++e->text_count < TOGETHER && e->texts.length < PIECE_BYTES ? WALK_ON : WALK_REST;
}

/* --- what is not told as it is stored --- */

static struct doc *parse_texts(struct exporting *e)
{
        struct doc *list = doc_new(e->arena, DOC_LIST), *d;
        struct problems none = PROBLEMS_INIT;
        const char *at = e->texts.data;

        for (; e->text_count; e->text_count--, at += strlen(at) + 1) {
                d = doc_parse(e->arena, at, strlen(at), DOC_JSON, &none);
                if (d && e->terms->with_defaults)
                        d = schema_with_defaults(kind_schema((enum kind)e->kind), d, e->arena);
                if (d)
                        doc_add(list, NULL, d);
        }
        problems_free(&none);
        return list;
}

static void put_yaml(struct exporting *e, struct doc *list)
{
        struct doc *d = doc_new(e->arena, DOC_MAP);
        size_t begin = e->out->length;

        doc_add(d, kind_name((enum kind)e->kind), kind_only_key((enum kind)e->kind) ? list->first : list);
        doc_write_yaml(d, e->out);
        if (!e->count || e->out->overflow)
                return;
        /* The list goes on: the line of its name stands there already. */
        const char *line = memchr(e->out->data + begin, '\n', e->out->length - begin);
        size_t head = (size_t)(line + 1 - (e->out->data + begin));
        memmove(e->out->data + begin, line + 1, e->out->length - begin - head + 1);
        e->out->length -= head;
}

static void put_json(struct exporting *e, struct doc *list)
{
        const char *name = kind_name((enum kind)e->kind);

        if (!e->count)
                buffer_printf(e->out, ",\"%s\":%s", name, kind_only_key((enum kind)e->kind) ? "" : "[");
        doc_each (one, list) {
                buffer_text(e->out, one->index || e->count ? "," : "");
                doc_write_json(one, e->out, 0);
        }
}

/* false: memory has ended. */
static bool put_texts(struct exporting *e)
{
        jmp_buf failure;

        if (e->texts.overflow || e->out->overflow)
                return false;
        if (!e->text_count)
                return true;
        if (setjmp(failure)) {
                arena_on_failure(e->arena, NULL);
                return false;
        }
        arena_on_failure(e->arena, &failure);
        struct doc *list = parse_texts(e);
        if (list->count)
                (e->terms->yaml ? put_yaml : put_json)(e, list);
        e->count += list->count;
        arena_on_failure(e->arena, NULL);
        arena_reset(e->arena);
        buffer_free(&e->texts);
        return true;
}

/* --- all --- */

static void end_kind(struct exporting *e)
{
        if (!e->terms->yaml && e->count && !kind_only_key((enum kind)e->kind))
                buffer_text(e->out, "]");
        e->count = 0;
        e->kind++;
}

static enum piece export_next(struct pieces *p, struct buffer *out)
{
        struct exporting *e = (struct exporting *)p;

        e->out = out;
        if (!e->begun)
                buffer_printf(out, e->terms->yaml ? "revision: %llu\n" : "{\"revision\":%llu",
                              (unsigned long long)e->revision);
        e->begun = true;
        while (e->kind < KIND_COUNT && out->length < PIECE_BYTES) {
                if (kind_class((enum kind)e->kind) != CLASS_CONFIGURATION) {
                        e->kind++;
                        continue;
                }
                enum walk_step step = store_walk_step(e->walk, e->kind, export_row, e, p->error, sizeof(p->error));
                if (step == WALK_BROKEN || !put_texts(e))
                        return PIECE_BROKEN;
                if (step == WALK_ENDED)
                        end_kind(e);
        }
        if (e->kind == KIND_COUNT)
                buffer_text(out, e->terms->yaml ? "" : "}\n");
        return e->kind == KIND_COUNT ? PIECE_LAST : PIECE_MORE;
}

static void export_free(struct pieces *p)
{
        struct exporting *e = (struct exporting *)p;

        store_walk_end(e->walk);
        arena_free(e->arena);
        buffer_free(&e->texts);
        free(e);
}

static void look(void *revision, struct store_txn *txn)
{
        *(uint64_t *)revision = store_revision(txn);
}

struct pieces *configuration_pieces(struct store *s, const struct export_terms *terms, uint64_t *revision, char *error,
                                    size_t error_size)
{
        unsigned kinds = 0;

        for (int k = 0; k < KIND_COUNT; k++)
                kinds |= kind_class((enum kind)k) == CLASS_CONFIGURATION ? 1u << k : 0;
        struct store_walk *walk = store_walk_begin(s, kinds, look, revision, error, error_size);
        if (!walk)
                return NULL;
        struct exporting *e = memory_alloc(sizeof(*e));
        *e = (struct exporting){.pieces = {.next = export_next, .free = export_free},
                                .walk = walk,
                                .terms = terms,
                                .revision = *revision,
                                .texts = {.maximum = ITEMS_MAX, .soft = true},
                                .arena = arena_new(0)};
        return &e->pieces;
}
