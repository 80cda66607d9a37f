#include "probes/content.h"

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

static bool matches(const char *body, size_t length, const char *expression)
{
        regmatch_t range = {0, (regoff_t)length}; /* REG_STARTEND: a body may hold NUL bytes */
        regex_t compiled;

        if (regcomp(&compiled, expression, REG_EXTENDED | REG_NEWLINE))
                return false;
        bool found = !regexec(&compiled, body, 1, &range, REG_STARTEND);
        regfree(&compiled);
        return found;
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
