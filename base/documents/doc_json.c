/* JSON into documents: jansson parses and judges; a walk over the text it found good tells each value's line. */
#include "base/documents/doc_parse.h"

#include <jansson.h>
#include <setjmp.h>
#include <string.h>

struct line_reader {
        const char *at, *end;
        uint32_t line;
};

static void skip_space(struct line_reader *r)
{
        for (; r->at < r->end && strchr(" \t\r\n,:", *r->at); r->at++)
                r->line += *r->at == '\n';
}

/* Over one string, number or word. The text is known to be valid JSON. */
static void skip_scalar(struct line_reader *r)
{
        if (*r->at == '"') {
                for (r->at++; r->at < r->end && *r->at != '"'; r->at++)
                        r->at += *r->at == '\\';
                r->at++;
                return;
        }
        while (r->at < r->end && !strchr(" \t\r\n,:]}", *r->at))
                r->at++;
}

static void set_lines(struct doc *d, struct line_reader *r)
{
        skip_space(r);
        d->line = r->line;
        if (d->type != DOC_LIST && d->type != DOC_MAP) {
                skip_scalar(r);
                return;
        }
        r->at++;
        doc_each (child, d) {
                skip_space(r);
                uint32_t line = r->line;
                if (d->type == DOC_MAP)
                        skip_scalar(r);
                set_lines(child, r);
                if (d->type == DOC_MAP)
                        child->line = line;
        }
        skip_space(r);
        r->at++;
}

/* Counts the values before jansson reads them, because its tree is many times the text. Every value but the first
 * follows a comma, or a bracket or brace that is not closed at once; what stands in strings does not count. */
static bool within_limits(const char *text, size_t length, const struct doc_limits *limits, struct problems *problems)
{
        size_t nodes = 1;
        bool quoted = false, opened = false;

        for (size_t i = 0; i < length && nodes <= limits->nodes; i++) {
                char c = text[i];
                if (quoted) {
                        i += c == '\\';
                        quoted = c != '"';
                } else if (!strchr(" \t\r\n", c)) {
                        nodes += c == ',' || (opened && c != ']' && c != '}');
                        opened = c == '[' || c == '{';
                        quoted = c == '"';
                }
        }
        if (nodes > limits->nodes)
                problems_add(problems, "", 0, "expected at most %zu values", limits->nodes);
        return nodes <= limits->nodes;
}

static struct doc *convert(struct arena *a, json_t *from, unsigned depth, const struct doc_limits *limits,
                           struct problems *problems)
{
        struct doc *to = NULL;
        const char *key;
        json_t *value;
        size_t index;

        if (depth > DOC_DEPTH_MAX) {
                problems_add(problems, "", 0, "expected at most %d levels of lists and maps", DOC_DEPTH_MAX);
                return NULL;
        }
        if (json_object_size(from) > limits->keys) {
                problems_add(problems, "", 0, "expected at most %zu keys in a map", limits->keys);
                return NULL;
        }
        switch (json_typeof(from)) {
        case JSON_OBJECT:
                to = doc_new(a, DOC_MAP);
                json_object_foreach(from, key, value)
                {
                        struct doc *child = convert(a, value, depth + 1, limits, problems);
                        if (!child)
                                return NULL;
                        doc_add(to, arena_strdup(a, key), child);
                }
                return to;
        case JSON_ARRAY:
                to = doc_new(a, DOC_LIST);
                json_array_foreach(from, index, value)
                {
                        struct doc *child = convert(a, value, depth + 1, limits, problems);
                        if (!child)
                                return NULL;
                        doc_add(to, NULL, child);
                }
                return to;
        case JSON_STRING:
                to = doc_new(a, DOC_STRING);
                to->count = (uint32_t)json_string_length(from);
                to->string = arena_strndup(a, json_string_value(from), to->count);
                return to;
        case JSON_INTEGER:
                return doc_int(a, json_integer_value(from));
        case JSON_REAL:
                return doc_real(a, json_real_value(from));
        case JSON_TRUE:
        case JSON_FALSE:
                return doc_bool(a, json_is_true(from));
        case JSON_NULL:
                break;
        }
        return doc_new(a, DOC_NULL);
}

/* Lets go of jansson's tree when the arena's memory ends on the way. */
static struct doc *convert_whole(struct arena *a, json_t *root, const struct doc_limits *limits,
                                 struct problems *problems)
{
        jmp_buf failure, *before = arena_on_failure(a, &failure);

        if (setjmp(failure)) {
                json_decref(root);
                arena_on_failure(a, before);
                arena_fail(a);
        }
        struct doc *d = convert(a, root, 0, limits, problems);
        arena_on_failure(a, before);
        return d;
}

struct doc *doc_parse_json(struct arena *a, const char *text, size_t length, const struct doc_limits *limits,
                           struct problems *problems)
{
        json_error_t error;

        if (!within_limits(text, length, limits, problems))
                return NULL;
        json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);

        if (!root && !*error.text) /* jansson says something of everything but memory that ended */
                arena_fail(a);
        if (!root) {
                problems_add(problems, "", error.line > 0 ? (unsigned)error.line : 0, "not valid JSON: %s (column %d)",
                             error.text, error.column);
                return NULL;
        }
        struct doc *d = convert_whole(a, root, limits, problems);
        json_decref(root);
        if (d && memchr(text, '\n', length)) {
                struct line_reader r = {text, text + length, 1};
                set_lines(d, &r);
        }
        return d;
}

double doc_number(const char *text, bool *is_integer, int64_t *integer, bool *good)
{
        json_error_t error;
        json_t *value = json_loads(text, JSON_DECODE_ANY, &error);
        double real = 0;

        *good = value && json_is_number(value);
        *is_integer = *good && json_is_integer(value);
        if (*is_integer)
                *integer = json_integer_value(value);
        else if (*good)
                real = json_real_value(value);
        json_decref(value);
        return real;
}
