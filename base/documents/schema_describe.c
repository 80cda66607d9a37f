/* What the tables tell of themselves: one way of writing, defaults written out, and the reference. */
#include <math.h>
#include <string.h>
#include "base/clock.h"
#include "base/documents/schema.h"

static const char *const type_names[] = {
        [FIELD_BOOL] = "boolean",      [FIELD_INT] = "integer", [FIELD_REAL] = "number",     [FIELD_STRING] = "string",
        [FIELD_DURATION] = "duration", [FIELD_ENUM] = "enum",   [FIELD_ADDRESS] = "address", [FIELD_PREFIX] = "network",
        [FIELD_MAP] = "map",           [FIELD_LIST] = "list",   [FIELD_STRINGS] = "strings", [FIELD_DOC] = "any",
};

/* --- one way of writing --- */

static struct doc *plain_item(const struct schema *s, const struct doc *at, struct arena *a)
{
        if (at->type == DOC_MAP)
                return schema_plain(s, at, a);
        if (!s->shorthand || at->type == DOC_LIST || at->type == DOC_NULL)
                return doc_copy(a, at);
        struct doc *map = doc_new(a, DOC_MAP);
        doc_add(map, s->shorthand, doc_copy(a, at));
        return map;
}

static struct doc *plain_value(const struct field *f, const struct doc *at, struct arena *a)
{
        char text[DURATION_TEXT_MAX];
        int64_t ms;

        if (f->type == FIELD_DURATION && at->type == DOC_STRING && duration_parse(at->string, &ms))
                return doc_string(a, duration_format(ms, text));
        if (f->type == FIELD_MAP)
                return plain_item(f->item, at, a);
        bool one = f->type == FIELD_STRINGS && at->type == DOC_STRING;
        if (!one && (f->type != FIELD_LIST || at->type != DOC_LIST))
                return doc_copy(a, at);
        struct doc *list = doc_new(a, DOC_LIST);
        if (one)
                doc_add(list, NULL, doc_copy(a, at));
        else
                doc_each (item, at)
                        doc_add(list, NULL, plain_item(f->item, item, a));
        return list;
}

/* What no table knows stays: it is a difference, too. */
static void add_unknown(const struct schema *s, const struct doc *at, struct doc *out, struct arena *a)
{
        doc_each (child, at) {
                const struct field *f = s->fields;
                while (f->name && strcmp(f->name, child->key))
                        f++;
                if (!f->name)
                        doc_add(out, child->key, doc_copy(a, child));
        }
}

struct doc *schema_plain(const struct schema *s, const struct doc *at, struct arena *a)
{
        struct doc *out = doc_new(a, DOC_MAP);

        for (const struct field *f = s->fields; f->name; f++)
                if (doc_get(at, f->name))
                        doc_add(out, f->name, plain_value(f, doc_get(at, f->name), a));
        add_unknown(s, at, out, a);
        return out;
}

/* --- defaults --- */

/* The default as a person writes it. */
static struct doc *default_document(struct arena *a, const struct field *f)
{
        char text[DURATION_TEXT_MAX];

        switch (f->type) {
        case FIELD_BOOL:
                return doc_bool(a, f->fallback.boolean);
        case FIELD_INT:
                return doc_int(a, f->fallback.integer);
        case FIELD_DURATION:
                return doc_string(a, duration_format(f->fallback.integer, text));
        case FIELD_ENUM:
                return doc_string(a, f->names[f->fallback.integer]);
        case FIELD_REAL:
                return f->fallback.real == rint(f->fallback.real) ? doc_int(a, (int64_t)f->fallback.real)
                                                                  : doc_real(a, f->fallback.real);
        case FIELD_STRING:
                return doc_string(a, f->fallback.string);
        case FIELD_MAP:
                return doc_new(a, DOC_MAP);
        case FIELD_STRINGS:
        case FIELD_DOC:
                if (f->fallback.document)
                        return doc_copy(a, f->fallback.document);
                break;
        case FIELD_ADDRESS:
        case FIELD_PREFIX:
        case FIELD_LIST:
                break;
        }
        return doc_new(a, DOC_LIST);
}

static struct doc *value_with_defaults(const struct field *f, const struct doc *at, struct arena *a)
{
        if (f->type == FIELD_MAP && at->type == DOC_MAP)
                return schema_with_defaults(f->item, at, a);
        if (f->type != FIELD_LIST || at->type != DOC_LIST)
                return doc_copy(a, at);
        struct doc *list = doc_new(a, DOC_LIST);
        doc_each (one, at)
                doc_add(list, NULL, one->type == DOC_MAP ? schema_with_defaults(f->item, one, a) : doc_copy(a, one));
        return list;
}

struct doc *schema_with_defaults(const struct schema *s, const struct doc *at, struct arena *a)
{
        struct doc *out = doc_new(a, DOC_MAP);

        for (const struct field *f = s->fields; f->name; f++) {
                const struct doc *child = doc_get(at, f->name);
                if (child)
                        doc_add(out, f->name, value_with_defaults(f, child, a));
                else if (f->has_default && (!s->means || s->means(at, f->name)))
                        doc_add(out, f->name, value_with_defaults(f, default_document(a, f), a));
        }
        add_unknown(s, at, out, a);
        return out;
}

static struct doc *describe_field(const struct field *f, struct arena *a)
{
        struct doc *d = doc_new(a, DOC_MAP);

        doc_add_string(a, d, "name", f->name);
        doc_add_string(a, d, "type", type_names[f->type]);
        doc_add_bool(a, d, "required", f->required);
        if (f->has_default)
                doc_add(d, "default", default_document(a, f));
        if (f->min || f->max) {
                doc_add_int(a, d, "min", f->min);
                doc_add_int(a, d, "max", f->max);
        }
        if (f->names) {
                struct doc *values = doc_add_list(a, d, "values");
                for (int i = 0; f->names[i]; i++)
                        doc_add_string(a, values, NULL, f->names[i]);
        }
        if (f->help)
                doc_add_string(a, d, "help", f->help);
        if (f->item)
                doc_add(d, "item", schema_describe(f->item, a));
        return d;
}

struct doc *schema_describe(const struct schema *s, struct arena *a)
{
        struct doc *d = doc_new(a, DOC_MAP), *fields;

        doc_add_string(a, d, "name", s->name);
        if (s->shorthand)
                doc_add_string(a, d, "shorthand", s->shorthand);
        fields = doc_add_list(a, d, "fields");
        for (const struct field *f = s->fields; f->name; f++)
                doc_add(fields, NULL, describe_field(f, a));
        return d;
}
