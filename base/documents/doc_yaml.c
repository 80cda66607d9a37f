/* YAML into documents, through libyaml's events. */
#include "base/documents/doc_parse.h"

#include <string.h>
#include <yaml.h>
#include "base/documents/doc_keys.h"

struct yaml_reader {
        struct arena *arena;
        struct problems *problems;
        yaml_parser_t parser;
        const struct doc_limits *limits;
        size_t nodes;
};

static void refuse(struct yaml_reader *r, const yaml_event_t *e, const char *what)
{
        problems_add(r->problems, "", (unsigned)e->start_mark.line + 1, "%s (column %zu)", what,
                     e->start_mark.column + 1);
}

static bool next_event(struct yaml_reader *r, yaml_event_t *e)
{
        if (yaml_parser_parse(&r->parser, e))
                return true;
        const yaml_parser_t *p = &r->parser;
        unsigned line = p->problem_mark.line || p->problem_mark.column ? (unsigned)p->problem_mark.line + 1
                                                                       : (unsigned)p->mark.line + 1;
        problems_add(r->problems, "", line, "not valid YAML: %s%s%s", p->problem ? p->problem : "out of memory",
                     p->context ? " " : "", p->context ? p->context : "");
        return false;
}

bool doc_plain_is_special(const char *text)
{
        bool is_integer, good;
        int64_t integer;

        if (!*text || !strcmp(text, "null") || !strcmp(text, "true") || !strcmp(text, "false") || !strcmp(text, "~"))
                return true;
        doc_number(text, &is_integer, &integer, &good);
        return good;
}

/* The JSON schema of YAML 1.2: null, true, false, numbers as in JSON; all else is a string. */
static struct doc *plain_scalar(struct yaml_reader *r, const char *text)
{
        bool is_integer, good;
        int64_t integer = 0;

        if (!*text || !strcmp(text, "null") || !strcmp(text, "~"))
                return doc_new(r->arena, DOC_NULL);
        if (!strcmp(text, "true") || !strcmp(text, "false"))
                return doc_bool(r->arena, text[0] == 't');
        if (*text != '-' && (*text < '0' || *text > '9'))
                return doc_string(r->arena, text);
        double real = doc_number(text, &is_integer, &integer, &good);
        if (!good)
                return doc_string(r->arena, text);
        return is_integer ? doc_int(r->arena, integer) : doc_real(r->arena, real);
}

static struct doc *scalar(struct yaml_reader *r, const yaml_event_t *e)
{
        const char *text = (const char *)e->data.scalar.value;

        if (e->data.scalar.anchor || e->data.scalar.tag) {
                refuse(r, e, "anchors and tags are not taken");
                return NULL;
        }
        if (strlen(text) != e->data.scalar.length) {
                refuse(r, e, "a NUL byte is not taken");
                return NULL;
        }
        if (e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
                return plain_scalar(r, text);
        return doc_string(r->arena, text);
}

static struct doc *value_of(struct yaml_reader *, const yaml_event_t *, unsigned depth);

static bool add_member(struct yaml_reader *r, struct doc *map, const yaml_event_t *key, unsigned depth)
{
        yaml_event_t e;
        const char *name = key->type == YAML_SCALAR_EVENT ? (const char *)key->data.scalar.value : NULL;

        if (!name || key->data.scalar.anchor || key->data.scalar.tag || strlen(name) != key->data.scalar.length) {
                refuse(r, key, "expected a plain key");
                return false;
        }
        if (map->count >= r->limits->keys) {
                problems_add(r->problems, "", (unsigned)key->start_mark.line + 1, "expected at most %zu keys in a map",
                             r->limits->keys);
                return false;
        }
        name = arena_strdup(r->arena, name);
        if (!next_event(r, &e))
                return false;
        struct doc *child = value_of(r, &e, depth);
        yaml_event_delete(&e);
        if (!child)
                return false;
        doc_add(map, name, child);
        child->line = (uint32_t)key->start_mark.line + 1;
        return true;
}

static struct doc *collection(struct yaml_reader *r, const yaml_event_t *start, unsigned depth)
{
        bool is_map = start->type == YAML_MAPPING_START_EVENT;
        yaml_event_type_t end = is_map ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
        struct doc *d = doc_new(r->arena, is_map ? DOC_MAP : DOC_LIST);
        bool marked = is_map ? start->data.mapping_start.anchor || start->data.mapping_start.tag
                             : start->data.sequence_start.anchor || start->data.sequence_start.tag;
        yaml_event_t e;

        if (marked || depth >= DOC_DEPTH_MAX) {
                refuse(r, start, marked ? "anchors and tags are not taken" : "too many levels of lists and maps");
                return NULL;
        }
        for (;;) {
                if (!next_event(r, &e))
                        return NULL;
                if (e.type == end)
                        break;
                struct doc *child = NULL;
                bool good = is_map ? add_member(r, d, &e, depth + 1) : (child = value_of(r, &e, depth + 1)) != NULL;
                yaml_event_delete(&e);
                if (!good)
                        return NULL;
                if (child)
                        doc_add(d, NULL, child);
        }
        yaml_event_delete(&e);
        return !is_map || doc_keys_differ(d, r->problems) ? d : NULL;
}

static struct doc *value_of(struct yaml_reader *r, const yaml_event_t *e, unsigned depth)
{
        struct doc *d = NULL;

        if (r->nodes++ >= r->limits->nodes) {
                problems_add(r->problems, "", (unsigned)e->start_mark.line + 1, "expected at most %zu values",
                             r->limits->nodes);
                return NULL;
        }
        if (e->type == YAML_SCALAR_EVENT)
                d = scalar(r, e);
        else if (e->type == YAML_MAPPING_START_EVENT || e->type == YAML_SEQUENCE_START_EVENT)
                d = collection(r, e, depth);
        else
                refuse(r, e, "aliases are not taken");
        if (d)
                d->line = (uint32_t)e->start_mark.line + 1;
        return d;
}

/* Reads on until an event of this type; with another one there is a second document. */
static bool expect(struct yaml_reader *r, yaml_event_type_t type)
{
        yaml_event_t e;

        if (!next_event(r, &e))
                return false;
        bool good = e.type == type;
        if (!good)
                refuse(r, &e,
                       type == YAML_STREAM_END_EVENT ? "expected one document, a second one begins"
                                                     : "expected a document");
        yaml_event_delete(&e);
        return good;
}

static struct doc *document(struct yaml_reader *r)
{
        yaml_event_t e;

        if (!expect(r, YAML_STREAM_START_EVENT) || !next_event(r, &e))
                return NULL;
        yaml_event_type_t type = e.type;
        yaml_event_delete(&e);
        if (type == YAML_STREAM_END_EVENT) /* an empty file is an empty document */
                return doc_new(r->arena, DOC_NULL);
        if (!next_event(r, &e))
                return NULL;
        struct doc *d = value_of(r, &e, 0);
        yaml_event_delete(&e);
        if (d && (!expect(r, YAML_DOCUMENT_END_EVENT) || !expect(r, YAML_STREAM_END_EVENT)))
                return NULL;
        return d;
}

struct doc *doc_parse_yaml(struct arena *a, const char *text, size_t length, const struct doc_limits *limits,
                           struct problems *problems)
{
        struct yaml_reader r = {.arena = a, .problems = problems, .limits = limits};

        if (!yaml_parser_initialize(&r.parser)) {
                problems_add(problems, "", 0, "out of memory");
                return NULL;
        }
        yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, length);
        struct doc *d = document(&r);
        yaml_parser_delete(&r.parser);
        return d;
}
