#include "base/documents/schema.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/address.h"
#include "base/clock.h"
#include "base/documents/nearest.h"

#define INT_BOUND ((int64_t)1 << 53) /* what every reader of JSON holds exactly */

/* What one pass carries along. */
struct decoder {
        struct arena *arena;
        struct problems *problems;
};

static bool decode(struct decoder *, const struct schema *, const struct doc *, void *out);

static void expected(struct decoder *c, const struct doc *at, const char *what)
{
        char got[80];
        doc_problem(c->problems, at, NULL, "expected %s, got %s", what, doc_show(at, got, sizeof(got)));
}

/* --- plain types --- */

static void put_int(const struct field *f, int64_t value, void *out)
{
        if (f->narrow)
                *(int32_t *)out = (int32_t)value;
        else
                *(int64_t *)out = value;
}

static void decode_int(struct decoder *c, const struct field *f, const struct doc *at, void *out)
{
        bool bounded = f->min || f->max;
        int64_t min = bounded ? f->min : -INT_BOUND, max = bounded ? f->max : INT_BOUND;
        char what[100];

        if (at->type == DOC_INT && at->integer >= min && at->integer <= max) {
                put_int(f, at->integer, out);
                return;
        }
        if (bounded)
                snprintf(what, sizeof(what), "an integer from %lld to %lld", (long long)min, (long long)max);
        expected(c, at, bounded ? what : "an integer");
}

static void decode_real(struct decoder *c, const struct field *f, const struct doc *at, void *out)
{
        bool bounded = f->min || f->max;
        double value = at->type == DOC_INT ? (double)at->integer : at->type == DOC_REAL ? at->real : NAN;
        char what[100];

        if (!isnan(value) && (!bounded || (value >= (double)f->min && value <= (double)f->max))) {
                *(double *)out = value;
                return;
        }
        if (bounded)
                snprintf(what, sizeof(what), "a number from %lld to %lld", (long long)f->min, (long long)f->max);
        expected(c, at, bounded ? what : "a number");
}

static void decode_string(struct decoder *c, const struct field *f, const struct doc *at, void *out)
{
        char what[60];

        if (at->type == DOC_STRING && (!f->max || at->count <= (uint64_t)f->max)) {
                *(const char **)out = arena_strndup(c->arena, at->string, at->count);
                return;
        }
        if (at->type == DOC_STRING)
                snprintf(what, sizeof(what), "at most %lld bytes", (long long)f->max);
        expected(c, at, at->type == DOC_STRING ? what : "a string");
}

static void decode_duration(struct decoder *c, const struct field *f, const struct doc *at, void *out)
{
        char least[DURATION_TEXT_MAX], most[DURATION_TEXT_MAX], what[120];
        int64_t ms;

        if (at->type != DOC_STRING || !duration_parse(at->string, &ms)) {
                expected(c, at, "a duration such as 500ms, 5s, 30m or 2h");
                return;
        }
        if ((f->min || f->max) && (ms < f->min || ms > f->max)) {
                snprintf(what, sizeof(what), "a duration from %s to %s", duration_format(f->min, least),
                         duration_format(f->max, most));
                expected(c, at, what);
                return;
        }
        *(int64_t *)out = ms;
}

static void decode_enum(struct decoder *c, const struct field *f, const struct doc *at, void *out)
{
        char what[400] = "one of ";
        size_t n = strlen(what);

        for (int i = 0; f->names[i] && at->type == DOC_STRING; i++)
                if (!strcmp(at->string, f->names[i])) {
                        *(int *)out = i;
                        return;
                }
        for (int i = 0; f->names[i] && n < sizeof(what); i++)
                n += (size_t)snprintf(what + n, sizeof(what) - n, "%s%s", i ? ", " : "", f->names[i]);
        expected(c, at, what);
}

static void decode_address(struct decoder *c, const struct doc *at, void *out)
{
        if (at->type != DOC_STRING || !address_parse(at->string, out))
                expected(c, at, "an IPv4 or IPv6 address");
}

static void decode_prefix(struct decoder *c, const struct doc *at, void *out)
{
        if (at->type != DOC_STRING || !prefix_parse(at->string, out))
                expected(c, at, "a network such as 192.0.2.0/24 or 2001:db8::/32 without host bits");
}

/* --- lists --- */

static bool list_fits(struct decoder *c, const struct field *f, const struct doc *at)
{
        char what[60];

        if (at->type == DOC_LIST && (!f->max || at->count <= (uint64_t)f->max))
                return true;
        if (at->type == DOC_LIST)
                snprintf(what, sizeof(what), "at most %lld items", (long long)f->max);
        expected(c, at, at->type == DOC_LIST ? what : "a list");
        return false;
}

struct strings strings_of(const void *out)
{
        struct strings list;

        memcpy(&list, out, sizeof(list));
        return list;
}

void list_put(void *out, void *items, uint32_t count)
{
        const struct list list = {items, count};

        memcpy(out, &list, sizeof(list));
}

static void decode_strings(struct decoder *c, const struct field *f, const struct doc *at, void *out)
{
        if (!list_fits(c, f, at))
                return;
        const char **items = ARENA_ARRAY(c->arena, const char *, at->count);
        list_put(out, items, at->count);
        doc_each (one, at) {
                items[one->index] = "";
                if (one->type == DOC_STRING)
                        items[one->index] = arena_strndup(c->arena, one->string, one->count);
                else
                        expected(c, one, "a string");
        }
}

static void decode_list(struct decoder *c, const struct field *f, const struct doc *at, void *out)
{
        if (!list_fits(c, f, at))
                return;
        char *items = arena_alloc(c->arena, at->count * f->item->size);
        list_put(out, items, at->count);
        doc_each (one, at)
                decode(c, f->item, one, items + one->index * f->item->size);
}

/* --- fields --- */

static void decode_value(struct decoder *, const struct field *, const struct doc *at, void *out);

/* A value where a list of one is meant: the list stands in its place, and the value keeps its path. */
static void decode_one(struct decoder *c, const struct field *f, const struct doc *at, void *out)
{
        struct doc list = *at, one = *at;

        one.index = 0;
        one.next = NULL;
        list.type = DOC_LIST;
        list.count = 1;
        list.first = list.last = &one;
        decode_value(c, f, &list, out);
}

static void decode_value(struct decoder *c, const struct field *f, const struct doc *at, void *out)
{
        if (f->type == FIELD_STRINGS && at->type == DOC_STRING) {
                decode_one(c, f, at, out);
                return;
        }
        size_t before = c->problems->count + c->problems->dropped;

        switch (f->type) {
        case FIELD_BOOL:
                if (at->type == DOC_BOOL)
                        *(bool *)out = at->boolean;
                else
                        expected(c, at, "true or false");
                break;
        case FIELD_INT:
                decode_int(c, f, at, out);
                break;
        case FIELD_REAL:
                decode_real(c, f, at, out);
                break;
        case FIELD_STRING:
                decode_string(c, f, at, out);
                break;
        case FIELD_DURATION:
                decode_duration(c, f, at, out);
                break;
        case FIELD_ENUM:
                decode_enum(c, f, at, out);
                break;
        case FIELD_ADDRESS:
                decode_address(c, at, out);
                break;
        case FIELD_PREFIX:
                decode_prefix(c, at, out);
                break;
        case FIELD_MAP:
                decode(c, f->item, at, out);
                break;
        case FIELD_LIST:
                decode_list(c, f, at, out);
                break;
        case FIELD_STRINGS:
                decode_strings(c, f, at, out);
                break;
        case FIELD_DOC:
                if (!f->check)
                        *(const struct doc **)out = doc_copy(c->arena, at);
                break;
        }
        if (f->check && c->problems->count + c->problems->dropped == before)
                f->check(at, c->arena, out, c->problems);
}

static void decode_fallback(struct decoder *c, const struct field *f, void *out)
{
        static const struct doc empty = {.type = DOC_MAP};
        struct doc text = {.type = DOC_STRING, .string = f->fallback.string};

        switch (f->type) {
        case FIELD_BOOL:
                *(bool *)out = f->fallback.boolean;
                break;
        case FIELD_INT:
        case FIELD_DURATION:
                put_int(f, f->fallback.integer, out);
                break;
        case FIELD_ENUM:
                *(int *)out = (int)f->fallback.integer;
                break;
        case FIELD_REAL:
                *(double *)out = f->fallback.real;
                break;
        case FIELD_STRING:
                text.count = (uint32_t)strlen(text.string);
                *(const char **)out = text.string;
                if (f->check)
                        f->check(&text, c->arena, out, c->problems);
                break;
        case FIELD_MAP:
                decode(c, f->item, &empty, out);
                break;
        case FIELD_STRINGS:
        case FIELD_DOC:
                if (f->fallback.document)
                        decode_value(c, f, f->fallback.document, out);
                break;
        case FIELD_ADDRESS:
        case FIELD_PREFIX:
        case FIELD_LIST:
                break;
        }
}

/* --- unknown fields --- */

static const char *article_of(const char *name)
{
        return strchr("aeiou", name[0]) ? "an" : "a";
}

static void unknown_field(struct decoder *c, const struct schema *s, const struct doc *child)
{
        struct nearest nearest = {child->key};

        /* Beyond what is reported, the nearest name is not worth its search. */
        for (const struct field *f = s->fields; f->name && c->problems->count < PROBLEMS_MAX; f++)
                nearest_try(&nearest, f->name);
        if (nearest.found)
                doc_problem(c->problems, child, NULL, "unknown field of %s %s; did you mean \"%s\"?",
                            article_of(s->name), s->name, nearest.found);
        else
                doc_problem(c->problems, child, NULL, "unknown field of %s %s", article_of(s->name), s->name);
}

#define FIELDS_MAX 64 /* of a map */

/* The values of the fields of a map, by their place in the schema; NULL: not given. People write fields in one order
 * mostly, so each is looked for behind the one before. */
static void find_values(struct decoder *c, const struct schema *s, const struct doc *at,
                        const struct doc *values[FIELDS_MAX])
{
        unsigned count = 0, place = 0;

        for (; s->fields[count].name; count++) {
                assert(count < FIELDS_MAX);
                values[count] = NULL;
        }
        doc_each (child, at) {
                unsigned tried = 0;
                while (tried < count && strcmp(s->fields[place].name, child->key)) {
                        place = place + 1 < count ? place + 1 : 0;
                        tried++;
                }
                if (tried == count)
                        unknown_field(c, s, child);
                else
                        values[place] = child;
        }
}

static void decode_field(struct decoder *c, const struct schema *s, const struct field *f, const struct doc *at,
                         const struct doc *child, void *out)
{
        if (child)
                decode_value(c, f, child, out);
        else if (s->partial)
                return;
        else if (f->required)
                doc_problem(c->problems, at, NULL, "required field \"%s\" is missing", f->name);
        else if (f->has_default)
                decode_fallback(c, f, out);
}

static bool decode_map(struct decoder *c, const struct schema *s, const struct doc *at, void *out)
{
        size_t before = c->problems->count + c->problems->dropped;
        char what[60];

        if (at->type != DOC_MAP) {
                snprintf(what, sizeof(what), "a %s as a map", s->name);
                expected(c, at, what);
                return false;
        }
        const struct doc *values[FIELDS_MAX];
        find_values(c, s, at, values);
        for (unsigned i = 0; s->fields[i].name; i++)
                decode_field(c, s, &s->fields[i], at, values[i], (char *)out + s->fields[i].offset);
        if (s->check && c->problems->count + c->problems->dropped == before)
                s->check(at, c->arena, out, c->problems);
        return c->problems->count + c->problems->dropped == before;
}

/* "web-eu" where {pool: web-eu} is meant: a map with that one field stands in its place. */
static bool decode(struct decoder *c, const struct schema *s, const struct doc *at, void *out)
{
        if (!s->shorthand || at->type == DOC_MAP || at->type == DOC_LIST || at->type == DOC_NULL)
                return decode_map(c, s, at, out);
        struct doc map = *at, value = *at;
        value.key = s->shorthand;
        value.index = 0;
        value.parent = &map;
        value.next = NULL;
        map.type = DOC_MAP;
        map.count = 1;
        map.first = map.last = &value;
        return decode_map(c, s, &map, out);
}

bool schema_decode(const struct schema *s, const struct doc *at, struct arena *arena, void *out,
                   struct problems *problems)
{
        struct decoder c = {arena, problems};

        memset(out, 0, s->size);
        return decode(&c, s, at, out);
}
