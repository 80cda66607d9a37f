/* Showing: documents for programs, tables for people. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "admin/ctl/ctl.h"
#include "base/buffer.h"

#define COLUMNS_MAX 12
#define CELL_MAX    200
#define SHOWN_MAX   ((size_t)512 << 20)

bool ctl_show_as_document(struct ctl *c, const struct doc *d)
{
        struct buffer text = BUFFER_INIT(SHOWN_MAX);

        if (c->output == OUTPUT_TABLE)
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

/* What a column shows of a row. */
static const char *cell_text(const struct doc *row, const char *column, char *out, size_t size)
{
        ctl_member(row, strchr(column, '=') + 1, out, size);
        shorten_time(out);
        return out;
}

void ctl_table(const struct doc *rows, const char *const *columns)
{
        char cell[CELL_MAX];
        int widths[COLUMNS_MAX] = {0};
        unsigned count = 0;

        if (!rows || rows->type != DOC_LIST)
                return;
        for (; columns[count]; count++)
                widths[count] = (int)strcspn(columns[count], "=");
        doc_each (row, rows)
                for (unsigned i = 0; i < count; i++) {
                        int width = (int)strlen(cell_text(row, columns[i], cell, sizeof(cell)));
                        widths[i] = width > widths[i] ? width : widths[i];
                }
        for (unsigned i = 0; i < count; i++) {
                int width = (int)strcspn(columns[i], "=");
                printf("%.*s%*s", width, columns[i], i + 1 < count ? widths[i] - width + 2 : 0, "");
        }
        printf("\n");
        doc_each (row, rows) {
                for (unsigned i = 0; i < count; i++) {
                        cell_text(row, columns[i], cell, sizeof(cell));
                        printf("%-*s%s", i + 1 < count ? widths[i] : 0, cell, i + 1 < count ? "  " : "");
                }
                printf("\n");
        }
}
