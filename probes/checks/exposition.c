#include "probes/checks/exposition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A piece of text that is looked at from the front. */
struct text {
        const char *at, *end;
};

static bool at_char(const struct text *t, char c)
{
        return t->at < t->end && *t->at == c;
}

static bool skip_char(struct text *t, char c)
{
        if (!at_char(t, c))
                return false;
        t->at++;
        return true;
}

static void skip_blanks(struct text *t)
{
        while (at_char(t, ' ') || at_char(t, '\t'))
                t->at++;
}

/* Up to one of `stops` or the end. */
static struct text take_until(struct text *t, const char *stops)
{
        struct text piece = {t->at, t->at};

        while (t->at < t->end && (!*t->at || !strchr(stops, *t->at)))
                t->at++;
        piece.end = t->at;
        return piece;
}

static bool same(struct text a, struct text b)
{
        return a.end - a.at == b.end - b.at && !memcmp(a.at, b.at, (size_t)(a.end - a.at));
}

static struct text next_line(struct text *t)
{
        const char *newline = memchr(t->at, '\n', (size_t)(t->end - t->at));
        struct text line = {t->at, newline ? newline : t->end};

        t->at = newline ? newline + 1 : t->end;
        return line;
}

static bool number(struct text t, double *value)
{
        char digits[64], *end;
        size_t length = (size_t)(t.end - t.at);

        if (!length || length >= sizeof(digits))
                return false;
        memcpy(digits, t.at, length);
        digits[length] = '\0';
        *value = strtod(digits, &end);
        return !*end && isfinite(*value);
}

/* --- Prometheus --- */

/* What stands between quotes; escapes are left as they are, both sides have them. */
static bool quoted(struct text *t, struct text *out)
{
        if (!skip_char(t, '"'))
                return false;
        out->at = t->at;
        while (t->at < t->end && *t->at != '"')
                t->at += *t->at == '\\' && t->at + 1 < t->end ? 2 : 1;
        out->end = t->at;
        return skip_char(t, '"');
}

/* The next LABEL="VALUE" of a list. */
static bool next_label(struct text *t, struct text *label, struct text *value)
{
        skip_blanks(t);
        skip_char(t, ',');
        skip_blanks(t);
        *label = take_until(t, "= }");
        skip_blanks(t);
        if (label->at == label->end || !skip_char(t, '='))
                return false;
        skip_blanks(t);
        return quoted(t, value);
}

static bool has_label(struct text labels, struct text label, struct text value)
{
        struct text l, v;

        while (next_label(&labels, &l, &v))
                if (same(l, label))
                        return same(v, value);
        return false;
}

/* Behind the name: the labels, without braces. `t` is then behind them. */
static bool take_labels(struct text *t, struct text *labels)
{
        struct text l, v;

        *labels = (struct text){t->at, t->at};
        if (!skip_char(t, '{'))
                return true;
        labels->at = t->at;
        while (next_label(t, &l, &v))
                ;
        skip_blanks(t);
        skip_char(t, ',');
        skip_blanks(t);
        labels->end = t->at;
        return skip_char(t, '}');
}

static bool sample_matches(struct text *line, struct text name, struct text wanted)
{
        struct text labels, l, v;

        skip_blanks(line);
        if (!same(take_until(line, "{ \t"), name) || !take_labels(line, &labels))
                return false;
        while (next_label(&wanted, &l, &v))
                if (!has_label(labels, l, v))
                        return false;
        return true;
}

bool exposition_prometheus(const char *text, size_t length, const char *select, double *value)
{
        struct text all = {text, text + length}, selector = {select, select + strlen(select)}, wanted;
        struct text name = take_until(&selector, "{ ");
        bool found = false;
        double one;

        if (!take_labels(&selector, &wanted))
                return false;
        *value = 0;
        while (all.at < all.end) {
                struct text line = next_line(&all);
                if (at_char(&line, '#') || !sample_matches(&line, name, wanted))
                        continue;
                skip_blanks(&line);
                if (number(take_until(&line, " \t\r"), &one)) {
                        *value += one;
                        found = true;
                }
        }
        return found;
}

/* --- HAProxy --- */

static struct text next_cell(struct text *t)
{
        struct text cell = take_until(t, ",");

        skip_char(t, ',');
        if (cell.end > cell.at && cell.end[-1] == '\r')
                cell.end--;
        return cell;
}

bool exposition_haproxy_csv(const char *text, size_t length, const char *select, double *value)
{
        struct text all = {text, text + length}, selector = {select, select + strlen(select)};
        struct text proxy = take_until(&selector, "/");
        skip_char(&selector, '/');
        struct text server = take_until(&selector, ":");
        skip_char(&selector, ':');
        struct text header = next_line(&all);
        size_t column = 0;

        skip_char(&header, '#');
        skip_blanks(&header);
        while (header.at < header.end && !same(next_cell(&header), selector))
                column++;
        while (all.at < all.end) {
                struct text line = next_line(&all);
                if (!same(next_cell(&line), proxy) || !same(next_cell(&line), server))
                        continue;
                for (size_t i = 2; i < column && line.at < line.end; i++)
                        next_cell(&line);
                return column >= 2 && number(next_cell(&line), value);
        }
        return false;
}
