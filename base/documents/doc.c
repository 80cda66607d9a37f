#include "base/documents/doc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buffer.h"
#include "base/utf8.h"

struct doc *doc_new(struct arena *a, enum doc_type type)
{
        struct doc *d = ARENA_NEW(a, struct doc);
        d->type = type;
        return d;
}

/* `key` must live as long as the document. */
static struct doc *link_child(struct doc *parent, const char *key, struct doc *child)
{
        child->key = key;
        child->parent = parent;
        child->index = parent->count++;
        child->next = NULL;
        if (parent->last)
                parent->last->next = child;
        else
                parent->first = child;
        parent->last = child;
        return child;
}

struct doc *doc_add(struct doc *parent, const char *key, struct doc *child)
{
        return link_child(parent, key, child);
}

struct doc *doc_string(struct arena *a, const char *text)
{
        struct doc *d = doc_new(a, DOC_STRING);
        d->count = (uint32_t)strlen(text);
        char *copy = arena_strndup(a, text, d->count);
        utf8_mend(copy);
        d->string = copy;
        return d;
}

struct doc *doc_int(struct arena *a, int64_t value)
{
        struct doc *d = doc_new(a, DOC_INT);
        d->integer = value;
        return d;
}

struct doc *doc_real(struct arena *a, double value)
{
        struct doc *d = doc_new(a, DOC_REAL);
        d->real = value;
        return d;
}

struct doc *doc_bool(struct arena *a, bool value)
{
        struct doc *d = doc_new(a, DOC_BOOL);
        d->boolean = value;
        return d;
}

static struct doc *add_keyed(struct arena *a, struct doc *parent, const char *key, struct doc *child)
{
        return link_child(parent, key ? arena_strdup(a, key) : NULL, child);
}

struct doc *doc_add_map(struct arena *a, struct doc *parent, const char *key)
{
        return add_keyed(a, parent, key, doc_new(a, DOC_MAP));
}

struct doc *doc_add_list(struct arena *a, struct doc *parent, const char *key)
{
        return add_keyed(a, parent, key, doc_new(a, DOC_LIST));
}

void doc_add_string(struct arena *a, struct doc *parent, const char *key, const char *value)
{
        add_keyed(a, parent, key, value ? doc_string(a, value) : doc_new(a, DOC_NULL));
}

void doc_add_format(struct arena *a, struct doc *parent, const char *key, const char *format, ...)
{
        va_list args;
        char *text;

        va_start(args, format);
        if (vasprintf(&text, format, args) >= 0) {
                doc_add_string(a, parent, key, text);
                free(text);
        }
        va_end(args);
}

void doc_add_int(struct arena *a, struct doc *parent, const char *key, int64_t value)
{
        add_keyed(a, parent, key, doc_int(a, value));
}

void doc_add_real(struct arena *a, struct doc *parent, const char *key, double value)
{
        add_keyed(a, parent, key, doc_real(a, value));
}

void doc_add_bool(struct arena *a, struct doc *parent, const char *key, bool value)
{
        add_keyed(a, parent, key, doc_bool(a, value));
}

struct doc *doc_copy(struct arena *a, const struct doc *from)
{
        struct doc *to = doc_new(a, from->type);

        to->line = from->line;
        switch (from->type) {
        case DOC_STRING:
                to->count = from->count;
                to->string = arena_strndup(a, from->string, from->count);
                break;
        case DOC_LIST:
        case DOC_MAP:
                doc_each (child, from)
                        add_keyed(a, to, child->key, doc_copy(a, child));
                break;
        case DOC_NULL:
        case DOC_BOOL:
        case DOC_INT:
        case DOC_REAL:
                memcpy(&to->integer, &from->integer, sizeof(to->integer));
                break;
        }
        return to;
}

static struct doc *before(const struct doc *parent, const struct doc *child)
{
        struct doc *previous = NULL;
        for (struct doc *c = parent->first; c != child; c = c->next)
                previous = c;
        return previous;
}

void doc_remove(struct doc *parent, struct doc *child)
{
        struct doc *previous = before(parent, child);

        if (previous)
                previous->next = child->next;
        else
                parent->first = child->next;
        if (parent->last == child)
                parent->last = previous;
        parent->count--;
        for (struct doc *c = child->next; c; c = c->next)
                c->index--;
        child->parent = child->next = NULL;
}

void doc_replace(struct doc *old, struct doc *child)
{
        struct doc *parent = old->parent, *previous = before(parent, old);

        child->key = old->key;
        child->parent = parent;
        child->index = old->index;
        child->next = old->next;
        if (previous)
                previous->next = child;
        else
                parent->first = child;
        if (parent->last == old)
                parent->last = child;
        old->parent = NULL;
}

void doc_set(struct doc *map, const char *key, struct doc *child)
{
        struct doc *old = doc_get(map, key);

        if (old)
                doc_replace(old, child);
        else
                link_child(map, key, child);
}

struct doc *doc_get(const struct doc *map, const char *key)
{
        if (!map || map->type != DOC_MAP)
                return NULL;
        doc_each (child, map)
                if (!strcmp(child->key, key))
                        return child;
        return NULL;
}

const char *doc_get_string(const struct doc *map, const char *key)
{
        const struct doc *d = doc_get(map, key);
        return d && d->type == DOC_STRING ? d->string : NULL;
}

bool doc_get_int(const struct doc *map, const char *key, int64_t *value)
{
        const struct doc *d = doc_get(map, key);
        if (!d || d->type != DOC_INT)
                return false;
        *value = d->integer;
        return true;
}

static bool lists_equal(const struct doc *a, const struct doc *b)
{
        const struct doc *x = a->first, *y = b->first;
        for (; x && y; x = x->next, y = y->next)
                if (!doc_equal(x, y))
                        return false;
        return !x && !y;
}

static bool maps_equal(const struct doc *a, const struct doc *b)
{
        doc_each (x, a) {
                const struct doc *y = doc_get(b, x->key);
                if (!y || !doc_equal(x, y))
                        return false;
        }
        return true;
}

bool doc_equal(const struct doc *a, const struct doc *b)
{
        if (a->type != b->type || a->count != b->count)
                return false;
        switch (a->type) {
        case DOC_NULL:
                return true;
        case DOC_BOOL:
                return a->boolean == b->boolean;
        case DOC_INT:
                return a->integer == b->integer;
        case DOC_REAL:
                return memcmp(&a->real, &b->real, sizeof(a->real)) == 0;
        case DOC_STRING:
                return !memcmp(a->string, b->string, a->count);
        case DOC_LIST:
                return lists_equal(a, b);
        case DOC_MAP:
                break;
        }
        return maps_equal(a, b);
}

static size_t path_write(const struct doc *at, char *out, size_t size)
{
        if (!at->parent) {
                out[0] = '\0';
                return 0;
        }
        size_t n = path_write(at->parent, out, size);
        if (n >= size - 1)
                return n;
        int more = at->key ? snprintf(out + n, size - n, "%s%s", n ? "." : "", at->key)
                           : snprintf(out + n, size - n, "[%u]", at->index);
        n += more < 0 ? 0 : (size_t)more;
        return n < size ? n : size - 1;
}

char *doc_path(const struct doc *at, char *out, size_t size)
{
        path_write(at, out, size);
        return out;
}

void doc_problem(struct problems *problems, const struct doc *at, const char *member, const char *format, ...)
{
        char path[512], message[1024];
        va_list args;

        doc_path(at, path, sizeof(path));
        if (member) {
                size_t n = strlen(path);
                snprintf(path + n, sizeof(path) - n, "%s%s", n ? "." : "", member);
        }
        const struct doc *named = member ? doc_get(at, member) : NULL;
        va_start(args, format);
        vsnprintf(message, sizeof(message), format, args);
        va_end(args);
        problems_add(problems, path, named && named->line ? named->line : at->line, "%s", message);
}

char *doc_show(const struct doc *d, char *out, size_t size)
{
        char number[DOC_NUMBER_MAX];

        switch (d->type) {
        case DOC_NULL:
                snprintf(out, size, "null");
                break;
        case DOC_BOOL:
                snprintf(out, size, d->boolean ? "true" : "false");
                break;
        case DOC_INT:
                snprintf(out, size, "%lld", (long long)d->integer);
                break;
        case DOC_REAL:
                snprintf(out, size, "%s", doc_number_text(d->real, number));
                break;
        case DOC_STRING:
                if (snprintf(out, size, "\"%s\"", d->string) >= (int)size && size > 5)
                        memcpy(out + size - 5, "...\"", 5);
                break;
        case DOC_LIST:
                snprintf(out, size, "a list");
                break;
        case DOC_MAP:
                snprintf(out, size, "a map");
                break;
        }
        return out;
}
