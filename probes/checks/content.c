#include "probes/checks/content.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>

bool content_wants_body(const struct monitor *m)
{
        return m->expect.body || m->expect.body_regex || m->expect.not_.body || m->expect.not_.body_regex;
}

static bool contains(const char *body, size_t length, const char *text)
{
        return memmem(body, length, text, strlen(text));
}

static bool matches_until(const char *body, size_t length, const char *expression, size_t *end)
{
        regmatch_t range = {0, (regoff_t)length}; /* REG_STARTEND: a body may hold NUL bytes */
        regex_t compiled;

        if (regcomp(&compiled, expression, REG_EXTENDED | REG_NEWLINE))
                return false;
        bool found = !regexec(&compiled, body, 1, &range, REG_STARTEND);
        regfree(&compiled);
        *end = found ? (size_t)range.rm_eo : 0;
        return found;
}

static bool matches(const char *body, size_t length, const char *expression)
{
        size_t end;

        return matches_until(body, length, expression, &end);
}

bool content_body_expected(const struct monitor *m, const char *body, size_t length, char detail[CONTENT_DETAIL_MAX])
{
        const struct {
                const char *what, *said;
                bool wanted;
                bool (*found)(const char *body, size_t length, const char *what);
        } rules[] = {{m->expect.body, "does not contain", true, contains},
                     {m->expect.body_regex, "does not match", true, matches},
                     {m->expect.not_.body, "contains", false, contains},
                     {m->expect.not_.body_regex, "matches", false, matches}};

        for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
                if (rules[i].what && rules[i].found(body, length, rules[i].what) != rules[i].wanted) {
                        snprintf(detail, CONTENT_DETAIL_MAX, "%s \"%.50s\"", rules[i].said, rules[i].what);
                        return false;
                }
        return true;
}

bool reply_has(const struct reply_expected *e, const char *data, size_t length, size_t *end)
{
        size_t matched = 0;

        *end = e->bytes.data || e->regex ? 0 : length;
        if (e->bytes.data) {
                const char *found = memmem(length ? data : "", length, e->bytes.data, e->bytes.length);
                if (!found)
                        return false;
                *end = (size_t)(found - data) + e->bytes.length;
        }
        if (e->regex && !matches_until(length ? data : "", length, e->regex, &matched))
                return false;
        if (matched > *end)
                *end = matched;
        return length > 0;
}

/* Printable bytes as they are, others as dots. */
static void show(const void *bytes, size_t length, char *out, size_t size)
{
        const uint8_t *from = bytes;
        size_t n = 0;

        for (; n < length && n + 1 < size; n++)
                out[n] = (char)(from[n] >= ' ' && from[n] < 0x7f ? from[n] : '.');
        out[n] = '\0';
}

void reply_describe(const struct reply_expected *e, const char *data, size_t length, char *detail, size_t size)
{
        char wanted[25] = "", got[25];

        if (e->regex)
                show(e->regex, strlen(e->regex), wanted, sizeof(wanted));
        if (e->bytes.data)
                show(e->bytes.data, e->bytes.length, wanted, sizeof(wanted));
        show(data, length, got, sizeof(got));
        if (length)
                snprintf(detail, size, "no \"%s\" in \"%s\"", wanted, got);
        else
                snprintf(detail, size, "no \"%s\": it said nothing", wanted);
}
