#include "probes/checks/content.h"

#include <stdio.h>
#include <string.h>

bool content_wants_body(const struct monitor *m)
{
        return m->http.expect.body || m->http.expect.body_regex.text || m->http.expect.not_.body ||
               m->http.expect.not_.body_regex.text;
}

static bool text_fits(const char *text, bool wanted, const char *body, size_t length, char *detail)
{
        if (!text || !!memmem(body, length, text, strlen(text)) == wanted)
                return true;
        snprintf(detail, CONTENT_DETAIL_MAX, "%s \"%.50s\"", wanted ? "does not contain" : "contains", text);
        return false;
}

static bool pattern_fits(const struct pattern *p, bool wanted, const char *body, size_t length, char *detail)
{
        enum pattern_found found = p->text  ? pattern_find(p, body, length, NULL)
                                   : wanted ? PATTERN_FOUND
                                            : PATTERN_ABSENT;

        if (found == (wanted ? PATTERN_FOUND : PATTERN_ABSENT))
                return true;
        snprintf(detail, CONTENT_DETAIL_MAX, "%s \"%.40s\"",
                 found == PATTERN_COSTLY ? "takes too many steps to match"
                 : wanted                ? "does not match"
                                         : "matches",
                 p->text);
        return false;
}

bool content_body_expected(const struct monitor *m, const char *body, size_t length, char detail[CONTENT_DETAIL_MAX])
{
        return text_fits(m->http.expect.body, true, body, length, detail) &&
               pattern_fits(&m->http.expect.body_regex, true, body, length, detail) &&
               text_fits(m->http.expect.not_.body, false, body, length, detail) &&
               pattern_fits(&m->http.expect.not_.body_regex, false, body, length, detail);
}

bool reply_has(const struct reply_expected *e, const char *data, size_t length, size_t *end)
{
        size_t matched = 0;

        *end = e->bytes.data || e->regex.text ? 0 : length;
        if (e->bytes.data) {
                const char *found = memmem(length ? data : "", length, e->bytes.data, e->bytes.length);
                if (!found)
                        return false;
                *end = (size_t)(found - data) + e->bytes.length;
        }
        if (e->regex.text && pattern_find(&e->regex, data, length, &matched) != PATTERN_FOUND)
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

        if (e->regex.text)
                show(e->regex.text, strlen(e->regex.text), wanted, sizeof(wanted));
        if (e->bytes.data)
                show(e->bytes.data, e->bytes.length, wanted, sizeof(wanted));
        show(data, length, got, sizeof(got));
        if (length)
                snprintf(detail, size, "no \"%s\" in \"%s\"", wanted, got);
        else
                snprintf(detail, size, "no \"%s\": it said nothing", wanted);
}
