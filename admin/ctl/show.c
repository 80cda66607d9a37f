/* Showing: documents for programs, tables for people. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "admin/ctl/ctl.h"
#include "admin/ctl/screen/terminal.h"
#include "base/buffer.h"

#define COLUMNS_MAX 24
#define CELL_MAX    200
#define SHOWN_MAX   ((size_t)512 << 20)

bool ctl_is_table(const struct ctl *c)
{
        return c->output != OUTPUT_JSON && c->output != OUTPUT_YAML;
}

bool ctl_show_as_document(struct ctl *c, const struct doc *d)
{
        struct buffer text = BUFFER_INIT(SHOWN_MAX);

        if (ctl_is_table(c))
                return false;
        if (c->output == OUTPUT_JSON) {
                doc_write_json(d, &text, 2);
                buffer_text(&text, "\n");
        } else {
                doc_write_yaml(d, &text);
        }
        fputs(text.data ? text.data : "", stdout);
        buffer_free(&text);
        return true;
}

static void cell_of(const struct doc *d, char *out, size_t size)
{
        size_t n = 0;

        out[0] = '\0';
        if (!d || d->type == DOC_NULL)
                return;
        if (d->type == DOC_STRING) {
                snprintf(out, size, "%s", d->string);
        } else if (d->type == DOC_BOOL) {
                snprintf(out, size, d->boolean ? "yes" : "no");
        } else if (d->type == DOC_LIST) {
                doc_each (one, d) {
                        char item[CELL_MAX];
                        if (one->type == DOC_MAP)
                                ctl_member(one, doc_get(one, "name") ? "name" : "pool", item, sizeof(item));
                        else
                                cell_of(one, item, sizeof(item));
                        if (n < size)
                                n += (size_t)snprintf(out + n, size - n, "%s%s", n ? " " : "", item);
                }
        } else {
                doc_show(d, out, size);
        }
}

const char *ctl_member(const struct doc *d, const char *path, char *out, size_t size)
{
        char name[80];

        while (d && *path) {
                size_t n = strcspn(path, ".");
                snprintf(name, sizeof(name), "%.*s", (int)n, path);
                d = doc_get(d, name);
                path += n + (path[n] == '.');
        }
        cell_of(d, out, size);
        return out;
}

/* "2026-01-02T03:04:05.678Z": people do without the milliseconds, and lines are short. */
static void shorten_time(char *text)
{
        static const char form[] = "0000-00-00T00:00:00.000Z";

        for (size_t i = 0; i < sizeof(form); i++)
                if (form[i] == '0' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
                        return;
        strcpy(text + strlen(form) - 5, "Z");
}

/* What others wrote is no control of a terminal, and one row is one line. */
static void make_plain(char *text)
{
        for (unsigned char *p = (unsigned char *)text; *p; p++)
                if (*p < ' ' || *p == 0x7f || (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)) {
                        if (*p == 0xc2)
                                *p++ = '?';
                        *p = '?';
                }
}

void ctl_show_confirm(const struct doc *confirm)
{
        char name[30], until[60], abort_if[600];

        if (!confirm)
                return;
        ctl_member(confirm, "abort_if", abort_if, sizeof(abort_if));
        printf("goes back by itself at %s%s%s, unless `gslbctl confirm %s` comes\n",
               ctl_member(confirm, "until", until, sizeof(until)), *abort_if ? ", or at once if " : "", abort_if,
               ctl_member(confirm, "name", name, sizeof(name)));
}

/* --- tables --- */

const char *ctl_shown(const struct doc *row, const char *path, char *out, size_t size)
{
        ctl_member(row, path, out, size);
        shorten_time(out);
        make_plain(out);
        return out;
}

/* "pool/name" of a row: "web-eu/eu1". */
static void print_name(const struct doc *row, const char *members)
{
        char cell[CELL_MAX], member[80];

        while (*members) {
                size_t n = strcspn(members, "/");
                snprintf(member, sizeof(member), "%.*s", (int)n, members);
                printf("%s%s", ctl_shown(row, member, cell, sizeof(cell)), members[n] ? "/" : "\n");
                members += n + (members[n] == '/');
        }
}

/* A column that is shown. */
struct column {
        const char *title, *path;
        int title_length, width;
};

static unsigned columns_read(const struct ctl *c, const char *const *texts, struct column *columns)
{
        unsigned count = 0;

        for (; *texts; texts++) {
                const char *title = *texts + (**texts == '+');
                int length = (int)strcspn(title, "=");
                if (length && (title == *texts || c->output == OUTPUT_WIDE) && count < COLUMNS_MAX)
                        columns[count++] = (struct column){title, title + length + 1, length, length};
        }
        return count;
}

const char *ctl_tone(const struct ctl *c, enum tone tone)
{
        static const char *const colours[] = {"\033[0m", "\033[32m", "\033[31m", "\033[33m", "\033[1m"};

        return c->colours ? colours[tone] : "";
}

/* What is as it should be, what is not, and what is to be known. */
static const char *colour_of(const struct column *column, const char *text)
{
        static const struct {
                const char *title, *text, *colour;
        } words[] = {
                {"STATE", "up", "\033[32m"},      {"STATE", "down", "\033[31m"}, {"STATE", "unknown", "\033[33m"},
                {"STATE", "disabled", "\033[2m"}, {"STATE", "held", "\033[33m"}, {"STATE", "not monitored", "\033[2m"},
                {"DRAINED", "yes", "\033[33m"},   {"LIVE", "no", "\033[31m"},    {"IN FORCE", "yes", "\033[33m"},
        };

        for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
                if (!strcmp(words[i].text, text) && strlen(words[i].title) == (size_t)column->title_length &&
                    !strncmp(words[i].title, column->title, (size_t)column->title_length))
                        return words[i].colour;
        return "";
}

static void print_cell(const struct ctl *c, const struct column *column, const char *text, bool last)
{
        const char *colour = c->colours ? colour_of(column, text) : "";
        int space = last ? 0 : column->width + 2 - (int)terminal_width(text, strlen(text));

        printf("%s%s%s%*s", colour, text, *colour ? "\033[0m" : "", space, "");
}

static void print_titles(const struct ctl *c, const struct column *columns, unsigned count)
{
        printf("%s", c->colours ? "\033[1m" : "");
        for (unsigned i = 0; i < count; i++)
                printf("%.*s%*s", columns[i].title_length, columns[i].title,
                       i + 1 < count ? columns[i].width - columns[i].title_length + 2 : 0, "");
        printf("%s\n", c->colours ? "\033[0m" : "");
}

void ctl_table(const struct ctl *c, const struct doc *rows, const char *const *texts)
{
        struct column columns[COLUMNS_MAX];
        char cell[CELL_MAX];
        unsigned count = columns_read(c, texts, columns);

        if (!rows || rows->type != DOC_LIST)
                return;
        if (c->output == OUTPUT_NAME) {
                doc_each (row, rows)
                        print_name(row, strchr(*texts, '=') + 1);
                return;
        }
        doc_each (row, rows)
                for (unsigned i = 0; i < count; i++) {
                        ctl_shown(row, columns[i].path, cell, sizeof(cell));
                        int width = (int)terminal_width(cell, strlen(cell));
                        columns[i].width = width > columns[i].width ? width : columns[i].width;
                }
        print_titles(c, columns, count);
        doc_each (row, rows) {
                for (unsigned i = 0; i < count; i++)
                        print_cell(c, &columns[i], ctl_shown(row, columns[i].path, cell, sizeof(cell)), i + 1 == count);
                printf("\n");
        }
}
