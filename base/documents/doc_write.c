/* Documents into JSON and YAML text. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/documents/doc_parse.h"

#define FLOW_WIDTH 80 /* lists of scalars that fit stand on one line */

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

/* The shortest text that reads back as the same double, with a point or an exponent so that it stays a real. */
static void write_real(double value, struct buffer *out)
{
        char text[40];

        for (int digits = 1; digits <= 17; digits++) {
                snprintf(text, sizeof(text), "%.*g", digits, value);
                if (strtod(text, NULL) == value)
                        break;
        }
        if (!strpbrk(text, ".e"))
                strcat(text, ".0");
        buffer_text(out, isfinite(value) ? text : "null");
}

static void write_scalar(const struct doc *d, struct buffer *out)
{
        switch (d->type) {
        case DOC_BOOL:
                buffer_text(out, d->boolean ? "true" : "false");
                break;
        case DOC_INT:
                buffer_printf(out, "%lld", (long long)d->integer);
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
                if (child->key) {
                        write_quoted(child->key, out);
                        buffer_text(out, indent ? ": " : ":");
                }
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

/* --- YAML --- */

/* Whether a plain scalar of YAML says the same. Strict: what is unsure is quoted. */
static bool plain_enough(const char *text)
{
        static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+@%= ";
        size_t length = strlen(text);

        if (doc_plain_is_special(text) || strspn(text, good) != length || strchr("-%@= +.", text[0]) ||
            text[length - 1] == ' ')
                return false;
        /* Words that readers of YAML 1.1 take for booleans. */
        static const char *const words[] = {"yes", "no", "on", "off", "y", "n", "true", "false", "null"};
        for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
                if (!strcasecmp(text, words[i]))
                        return false;
        /* Numbers in the notations of others (0x10, 1_000, 1.2.3 is fine). */
        return !(text[0] >= '0' && text[0] <= '9') || strspn(text, "0123456789.") != length ||
               strchr(text, '.') != strrchr(text, '.');
}

static void yaml_scalar(const struct doc *d, struct buffer *out)
{
        if (d->type == DOC_STRING && plain_enough(d->string))
                buffer_text(out, d->string);
        else
                write_scalar(d, out);
}

static bool is_scalar(const struct doc *d)
{
        return (d->type != DOC_LIST && d->type != DOC_MAP) || !d->first;
}

static void yaml_flow(const struct doc *list, struct buffer *out)
{
        buffer_text(out, "[");
        doc_each (child, list) {
                yaml_scalar(child, out);
                if (child->next)
                        buffer_text(out, ", ");
        }
        buffer_text(out, "]");
}

/* Whether a list holds only scalars and is short: "[50.1, 8.7]". */
static bool flows(const struct doc *d)
{
        size_t width = 0;

        if (d->type != DOC_LIST)
                return false;
        doc_each (child, d) {
                if (child->type == DOC_LIST || child->type == DOC_MAP)
                        return false;
                width += child->type == DOC_STRING ? child->count + 2 : 8;
        }
        return width <= FLOW_WIDTH;
}

static void yaml_key(const char *key, struct buffer *out)
{
        if (plain_enough(key))
                buffer_text(out, key);
        else
                write_quoted(key, out);
        buffer_text(out, ":");
}

static void yaml_value(const struct doc *, struct buffer *, unsigned columns);

/* `inside`: the first member goes on the line that has begun ("- name: x"). */
static void yaml_members(const struct doc *d, struct buffer *out, unsigned columns, bool inside)
{
        doc_each (child, d) {
                if (!inside || child != d->first)
                        buffer_printf(out, "%*s", (int)columns, "");
                if (child->key) {
                        yaml_key(child->key, out);
                        yaml_value(child, out, columns + 2);
                } else if (child->type == DOC_MAP && child->first) {
                        buffer_text(out, "- ");
                        yaml_members(child, out, columns + 2, true);
                } else {
                        buffer_text(out, "-");
                        yaml_value(child, out, columns + 2);
                }
        }
}

/* What stands behind "key:" or "-". */
static void yaml_value(const struct doc *d, struct buffer *out, unsigned columns)
{
        if (flows(d) || is_scalar(d)) {
                buffer_text(out, " ");
                if (d->type == DOC_LIST)
                        yaml_flow(d, out);
                else if (d->type == DOC_MAP)
                        buffer_text(out, "{}");
                else
                        yaml_scalar(d, out);
                buffer_text(out, "\n");
                return;
        }
        buffer_text(out, "\n");
        yaml_members(d, out, columns, false);
}

void doc_write_yaml(const struct doc *d, struct buffer *out)
{
        if (flows(d) || is_scalar(d)) {
                if (d->type == DOC_LIST)
                        yaml_flow(d, out);
                else if (d->type == DOC_MAP)
                        buffer_text(out, "{}");
                else
                        yaml_scalar(d, out);
                buffer_text(out, "\n");
                return;
        }
        yaml_members(d, out, 0, false);
}
