/* The configuration as text, item by item: never all of it as a document. */
#include <string.h>
#include "base/documents/schema.h"
#include "zones/load/load.h"

#define TOGETHER 200 /* items that are a document of their own, where that is needed to write them */

struct exporting {
        struct buffer *out;
        struct arena *arena; /* of those that are together */
        enum kind kind;
        bool with_defaults, yaml;
        struct doc *list;
        size_t count; /* of the kind, so far */
};

static void put_yaml(struct exporting *e)
{
        struct doc *d = doc_new(e->arena, DOC_MAP);
        size_t begin = e->out->length;

        doc_add(d, kind_name(e->kind), kind_only_key(e->kind) ? doc_copy(e->arena, e->list->first) : e->list);
        doc_write_yaml(d, e->out);
        if (e->count == e->list->count || e->out->overflow)
                return;
        /* The list goes on: the line of its name stands there already. */
        const char *line = memchr(e->out->data + begin, '\n', e->out->length - begin);
        size_t head = (size_t)(line + 1 - (e->out->data + begin));
        memmove(e->out->data + begin, line + 1, e->out->length - begin - head + 1);
        e->out->length -= head;
}

static void put_json(struct exporting *e)
{
        doc_each (one, e->list) {
                if (one->index || e->count > e->list->count)
                        buffer_text(e->out, ",");
                doc_write_json(one, e->out, 0);
        }
}

static void put_together(struct exporting *e)
{
        if (e->list && e->list->count)
                (e->yaml ? put_yaml : put_json)(e);
        arena_reset(e->arena);
        e->list = doc_new(e->arena, DOC_LIST);
}

static bool export_row(void *context, const char *key, const char *json, size_t length)
{
        struct exporting *e = context;
        struct problems none = PROBLEMS_INIT;

        if (!e->yaml && !e->with_defaults) {                                 /* as it is stored */
                if (length < 2 || json[0] != '{' || json[length - 1] != '}') /* damaged: as what cannot be parsed */
                        return true;
                buffer_text(e->out, e->count++ ? "," : "");
                buffer_bytes(e->out, json, length);
                return !e->out->overflow;
        }
        struct doc *d = doc_parse(e->arena, json, length, DOC_JSON, &none);
        if (d && e->with_defaults)
                d = schema_with_defaults(kind_schema(e->kind), d, e->arena);
        problems_free(&none);
        if (!d)
                return true;
        doc_add(e->list, NULL, d);
        e->count++;
        if (e->list->count == TOGETHER)
                put_together(e);
        return !e->out->overflow;
}

/* The name of a kind before its items, and what ends them; of what is not there nothing is written. */
static bool export_kind(struct exporting *e, struct store_txn *txn)
{
        const char *name = kind_name(e->kind);
        bool many = !kind_only_key(e->kind);
        size_t begin = e->out->length;

        e->count = 0;
        if (!e->yaml)
                buffer_printf(e->out, ",\"%s\":%s", name, many ? "[" : "");
        put_together(e);
        bool good = store_each(txn, e->kind, NULL, export_row, e);
        put_together(e);
        if (!e->count && !e->out->overflow)
                e->out->length = begin;
        else if (!e->yaml && many)
                buffer_text(e->out, "]");
        return good;
}

bool configuration_write(struct store_txn *txn, bool with_defaults, bool yaml, struct buffer *out)
{
        struct exporting e = {.out = out, .arena = arena_new(0), .with_defaults = with_defaults, .yaml = yaml};
        bool good = true;

        buffer_printf(out, yaml ? "revision: %llu\n" : "{\"revision\":%llu", (unsigned long long)store_revision(txn));
        for (int k = 0; k < KIND_COUNT && good; k++) {
                e.kind = (enum kind)k;
                if (kind_class(e.kind) == CLASS_CONFIGURATION)
                        good = export_kind(&e, txn);
        }
        buffer_text(out, yaml ? "" : "}\n");
        arena_free(e.arena);
        return good;
}
