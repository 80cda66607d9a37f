/* Documents into JSON text. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/documents/doc_parse.h"
#include "base/memory.h"

static void write_quoted(const char *text, struct buffer *out)
{
        const char *plain = text;

        buffer_bytes(out, "\"", 1);
        for (const char *p = text; *p; p++) {
                unsigned char c = (unsigned char)*p;
                if (c >= ' ' && c != '"' && c != '\\' && c != 127)
                        continue;
                buffer_bytes(out, plain, (size_t)(p - plain));
                plain = p + 1;
                if (c == '"' || c == '\\')
                        buffer_printf(out, "\\%c", c);
                else if (c == '\n')
                        buffer_text(out, "\\n");
                else if (c == '\t')
                        buffer_text(out, "\\t");
                else
                        buffer_printf(out, "\\u%04x", c);
        }
        buffer_text(out, plain);
        buffer_bytes(out, "\"", 1);
}

#define PLAIN_EXPONENT_MAX 20

char *doc_number_text(double value, char out[DOC_NUMBER_MAX])
{
        int digits = 0;

        do
                snprintf(out, DOC_NUMBER_MAX, "%.*e", digits, value);
        while (strtod(out, NULL) != value && ++digits < 17);
        const char *e = strchr(out, 'e'); /* none: not finite */
        long exponent = e ? strtol(e + 1, NULL, 10) : PLAIN_EXPONENT_MAX + 1;
        if (labs(exponent) <= PLAIN_EXPONENT_MAX)
                snprintf(out, DOC_NUMBER_MAX, "%.*f", digits > exponent ? digits - (int)exponent : 0, value);
        return out;
}

/* With a point or an exponent, so that it stays a real. */
static void write_real(double value, struct buffer *out)
{
        char text[DOC_NUMBER_MAX];

        doc_number_text(value, text);
        buffer_text(out, isfinite(value) ? text : "null");
        if (isfinite(value) && !strpbrk(text, ".e"))
                buffer_text(out, ".0");
}

static void write_scalar(const struct doc *d, struct buffer *out)
{
        switch (d->type) {
        case DOC_BOOL:
                buffer_text(out, d->boolean ? "true" : "false");
                break;
        case DOC_INT:
                buffer_number(out, d->integer);
                break;
        case DOC_REAL:
                write_real(d->real, out);
                break;
        case DOC_STRING:
                write_quoted(d->string, out);
                break;
        case DOC_NULL:
        case DOC_LIST:
        case DOC_MAP:
                buffer_text(out, "null");
                break;
        }
}

static void new_line(struct buffer *out, unsigned columns)
{
        buffer_printf(out, "\n%*s", (int)columns, "");
}

static void write_key(const struct doc *d, struct buffer *out, unsigned indent)
{
        if (!d->key)
                return;
        write_quoted(d->key, out);
        buffer_text(out, indent ? ": " : ":");
}

static void write_json(const struct doc *d, struct buffer *out, unsigned indent, unsigned columns)
{
        if (d->type != DOC_LIST && d->type != DOC_MAP) {
                write_scalar(d, out);
                return;
        }
        buffer_text(out, d->type == DOC_LIST ? "[" : "{");
        doc_each (child, d) {
                if (indent)
                        new_line(out, columns + indent);
                write_key(child, out, indent);
                write_json(child, out, indent, columns + indent);
                if (child->next)
                        buffer_text(out, ",");
        }
        if (indent && d->first)
                new_line(out, columns);
        buffer_text(out, d->type == DOC_LIST ? "]" : "}");
}

void doc_write_json(const struct doc *d, struct buffer *out, unsigned indent)
{
        write_json(d, out, indent, 0);
}

/* --- canonical --- */

#define SORTED_HERE 32

/* Most are few, and many in order already. */
static void sort_few(const struct doc **members, uint32_t count)
{
        for (uint32_t i = 1; i < count; i++) {
                const struct doc *one = members[i];
                uint32_t at = i;
                for (; at && strcmp(members[at - 1]->key, one->key) > 0; at--)
                        members[at] = members[at - 1];
                members[at] = one;
        }
}

static int by_key(const void *a, const void *b)
{
        return strcmp((*(const struct doc *const *)a)->key, (*(const struct doc *const *)b)->key);
}

static void write_canonical(const struct doc *d, struct buffer *out)
{
        const struct doc *here[SORTED_HERE], **members = here;
        bool map = d->type == DOC_MAP;
        uint32_t n = 0;

        if (d->type != DOC_LIST && !map) {
                write_scalar(d, out);
                return;
        }
        if (d->count > SORTED_HERE)
                members = memory_alloc(d->count * sizeof(struct doc *));
        doc_each (child, d)
                members[n++] = child;
        if (map && members == here)
                sort_few(members, n);
        else if (map)
                qsort(members, n, sizeof(struct doc *), by_key);
        buffer_text(out, map ? "{" : "[");
        for (uint32_t i = 0; i < n; i++) {
                buffer_text(out, i ? "," : "");
                write_key(members[i], out, 0);
                write_canonical(members[i], out);
        }
        buffer_text(out, map ? "}" : "]");
        if (members != here)
                free(members);
}

void doc_write_canonical(const struct doc *d, struct buffer *out)
{
        write_canonical(d, out);
}
