#include "admin/ctl/moving/vscf.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MAX     (64u << 20)
#define INCLUDES_MAX 16
#define STRING_MAX   (1u << 20)

/* A file under way. */
struct parser {
        struct arena *arena;
        struct problems *problems;
        const char *path;
        const char *text, *end;
        unsigned line, includes, depth;
};

static struct doc *read_value(struct parser *);
static bool read_members(struct parser *, struct doc *map, char closes);

static void problem(struct parser *p, const char *expected)
{
        char got[40];

        if (p->text == p->end)
                snprintf(got, sizeof(got), "the end");
        else
                snprintf(got, sizeof(got), "\"%.*s\"",
                         (int)strcspn(p->text, "\n") < 20 ? (int)strcspn(p->text, "\n") : 20, p->text);
        problems_add(p->problems, p->path, p->line, "expected %s, got %s", expected, got);
}

static void skip_space(struct parser *p)
{
        while (p->text < p->end) {
                if (*p->text == '#' || *p->text == ';')
                        while (p->text < p->end && *p->text != '\n')
                                p->text++;
                else if (strchr(" \t\r\n", *p->text) && *p->text)
                        p->line += *p->text++ == '\n';
                else
                        break;
        }
}

/* Takes a byte behind a backslash. */
static bool read_escape(struct parser *p, struct buffer *out)
{
        const char *t = p->text + 1;
        char byte;

        if (t == p->end)
                return false;
        if (*t >= '0' && *t <= '9') {
                if (p->end - t < 3 || t[1] < '0' || t[1] > '9' || t[2] < '0' || t[2] > '9')
                        return false;
                int value = (t[0] - '0') * 100 + (t[1] - '0') * 10 + (t[2] - '0');
                if (value > 255 || !value)
                        return false;
                byte = (char)value;
                p->text += 4;
        } else {
                byte = *t;
                p->text += 2;
        }
        buffer_bytes(out, &byte, 1);
        return true;
}

/* NULL: there is none here, or it is not valid, which is a problem. */
static const char *read_string(struct parser *p)
{
        struct buffer out = BUFFER_INIT(STRING_MAX);
        bool quoted = p->text < p->end && *p->text == '"', good = true;

        p->text += quoted;
        while (good && p->text < p->end &&
               (quoted ? *p->text != '"' : *p->text && !strchr(" \t\r\n][}{;#,\"=", *p->text))) {
                if (*p->text == '\\') {
                        good = read_escape(p, &out);
                } else {
                        p->line += *p->text == '\n';
                        buffer_bytes(&out, p->text++, 1);
                }
        }
        good = good && !out.overflow && (quoted ? p->text < p->end : out.length > 0);
        if (good)
                p->text += quoted;
        else
                problem(p, quoted ? "a text that ends with \"" : "a text");
        const char *copy = good ? arena_strndup(p->arena, out.data ? out.data : "", out.length) : NULL;
        buffer_free(&out);
        return copy;
}

/* --- including --- */

/* Reads a file of its own as a map, or as a list where that is allowed. */
static struct doc *read_file(const char *path, const struct parser *above, struct arena *a, struct problems *problems)
{
        FILE *f = fopen(path, "re");
        struct buffer text = BUFFER_INIT(FILE_MAX);
        char piece[8192];
        size_t n;
        struct doc *d = NULL;

        while (f && (n = fread(piece, 1, sizeof(piece), f)) > 0)
                buffer_bytes(&text, piece, n);
        if (!f || ferror(f) || text.overflow) {
                problems_add(problems, above ? above->path : path, above ? above->line : 0, "cannot read %s: %s", path,
                             text.overflow ? "it is larger than 64 MiB" : strerror(errno));
        } else {
                struct parser p = {.arena = a,
                                   .problems = problems,
                                   .path = arena_strdup(a, path),
                                   .text = text.data ? text.data : "",
                                   .line = 1,
                                   .includes = above ? above->includes + 1 : 0};
                p.end = p.text + text.length;
                skip_space(&p);
                d = above && p.text < p.end && *p.text == '[' ? read_value(&p) : doc_new(a, DOC_MAP);
                if (d && d->type == DOC_MAP && !read_members(&p, d, '\0'))
                        d = NULL;
        }
        if (f)
                fclose(f);
        buffer_free(&text);
        return d;
}

/* Moves the members of one map into another. */
static bool merge(struct parser *p, struct doc *into, const struct doc *from)
{
        if (from->type != DOC_MAP) {
                problem(p, "an included file of keys and values");
                return false;
        }
        doc_each (one, from) {
                if (doc_get(into, one->key)) {
                        problems_add(p->problems, p->path, p->line, "\"%s\" stands twice", one->key);
                        return false;
                }
                struct doc *copy = doc_copy(p->arena, one);
                doc_add(into, one->key, copy)->line = one->line;
        }
        return true;
}

/* $include{path}: of keys and values into a map, or as a value (`into` NULL), which is then returned. */
static struct doc *read_include(struct parser *p, struct doc *into)
{
        const size_t n = strlen("$include{");
        struct stat s;
        glob_t found;

        if ((size_t)(p->end - p->text) < n || strncmp(p->text, "$include{", n) != 0 || p->includes >= INCLUDES_MAX) {
                problem(p, "$include{FILE}, at most 16 deep");
                return NULL;
        }
        p->text += n;
        skip_space(p);
        const char *name = read_string(p), *slash = strrchr(p->path, '/');
        skip_space(p);
        if (!name || p->text == p->end || *p->text++ != '}') {
                problem(p, "$include{FILE}");
                return NULL;
        }
        if (*name != '/' && slash)
                name = arena_printf(p->arena, "%.*s/%s", (int)(slash - p->path), p->path, name);
        bool directory = !stat(name, &s) && S_ISDIR(s.st_mode);
        if (directory)
                name = arena_printf(p->arena, "%s/*", name);
        int status = glob(name, 0, NULL, &found);
        bool good = !status || (directory && status == GLOB_NOMATCH);
        if (!good || (!into && (status || found.gl_pathc != 1))) {
                problems_add(p->problems, p->path, p->line, "cannot include %s: expected %s", name,
                             into ? "a file" : "one file");
                good = false;
        }
        struct doc *d = into;
        for (size_t i = 0; good && !status && i < found.gl_pathc; i++) {
                d = read_file(found.gl_pathv[i], p, p->arena, p->problems);
                good = d && (!into || merge(p, into, d));
        }
        if (!status)
                globfree(&found);
        return good ? d : NULL;
}

/* --- values --- */

static struct doc *read_list(struct parser *p)
{
        struct doc *list = doc_new(p->arena, DOC_LIST);

        p->text++;
        for (;;) {
                skip_space(p);
                while (p->text < p->end && *p->text == ',') {
                        p->text++;
                        skip_space(p);
                }
                if (p->text == p->end) {
                        problem(p, "]");
                        return NULL;
                }
                if (*p->text == ']') {
                        p->text++;
                        return list;
                }
                struct doc *one = read_value(p);
                if (!one)
                        return NULL;
                doc_add(list, NULL, one);
        }
}

static struct doc *read_value(struct parser *p)
{
        const unsigned line = p->line;
        struct doc *d = NULL;

        if (++p->depth >= DOC_DEPTH_MAX) {
                problem(p, "fewer values in each other");
        } else if (p->text < p->end && *p->text == '{') {
                p->text++;
                d = doc_new(p->arena, DOC_MAP);
                if (!read_members(p, d, '}'))
                        d = NULL;
        } else if (p->text < p->end && *p->text == '[') {
                d = read_list(p);
        } else if (p->text < p->end && *p->text == '$') {
                d = read_include(p, NULL);
        } else {
                const char *text = read_string(p);
                d = text ? doc_string(p->arena, text) : NULL;
        }
        p->depth--;
        if (d)
                d->line = line;
        return d;
}

static bool read_member(struct parser *p, struct doc *map)
{
        const char *key = read_string(p);

        if (!key)
                return false;
        skip_space(p);
        if (p->text == p->end || *p->text != '=') {
                problem(p, "=> or =");
                return false;
        }
        p->text++;
        p->text += p->text < p->end && *p->text == '>';
        skip_space(p);
        if (doc_get(map, key)) {
                problems_add(p->problems, p->path, p->line, "\"%s\" stands twice", key);
                return false;
        }
        struct doc *value = read_value(p);
        if (value)
                doc_add(map, key, value);
        return value != NULL;
}

/* Keys and values until `closes`; 0: until the end. */
static bool read_members(struct parser *p, struct doc *map, char closes)
{
        for (;;) {
                skip_space(p);
                while (p->text < p->end && *p->text == ',') {
                        p->text++;
                        skip_space(p);
                }
                if (p->text == p->end) {
                        if (closes)
                                problem(p, "}");
                        return !closes;
                }
                if (closes && *p->text == closes) {
                        p->text++;
                        return true;
                }
                if (*p->text == '$' ? !read_include(p, map) : !read_member(p, map))
                        return false;
        }
}

struct doc *vscf_read(const char *path, struct arena *a, struct problems *problems)
{
        return read_file(path, NULL, a, problems);
}
