#include "zones/monitors/monitor_http.h"

#include <stdio.h>
#include <string.h>
#include "base/documents/schema_checks.h"
#include "zones/monitors/monitor_reply.h"

const char *const http_versions[] = {"auto", "1.1", "2", NULL};

void check_one_line(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        if (!at->count || strpbrk(at->string, "\r\n\t "))
                doc_problem(problems, at, NULL, "expected text without spaces, got \"%s\"", at->string);
}

void check_path(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        if (at->string[0] != '/' || strpbrk(at->string, "\r\n\t "))
                doc_problem(problems, at, NULL, "expected a path that begins with \"/\", got \"%s\"", at->string);
}

void check_line(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        if (!at->count || strpbrk(at->string, "\r\n"))
                doc_problem(problems, at, NULL, "expected text on one line");
}

static bool status_parse(const struct doc *d, struct status_range *r)
{
        unsigned first, last;
        char rest;

        if (d->type == DOC_INT) {
                first = last = d->integer < 0 || d->integer > 999 ? 0 : (unsigned)d->integer;
        } else if (d->type != DOC_STRING || sscanf(d->string, "%3u-%3u%c", &first, &last, &rest) != 2) {
                return false;
        }
        *r = (struct status_range){(uint16_t)first, (uint16_t)last};
        return first >= 100 && first <= last && last <= 999;
}

static void check_status(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        uint32_t count = at->type == DOC_LIST ? at->count : 1;

        if (!count || count > 100) {
                doc_problem(problems, at, NULL, "expected a status or a list such as [200-299, 304]");
                return;
        }
        struct status_range *range = ARENA_ARRAY(a, struct status_range, count);
        list_put(out, range, count);
        doc_each_or_one (one, at)
                if (!status_parse(one, range++))
                        doc_problem(problems, one, NULL, "expected a status such as 200 or a range such as 200-299");
}

void check_headers(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        static const struct doc none = {.type = DOC_MAP};

        *(const struct doc **)out = at->count ? doc_copy(a, at) : &none;
        if (at->type != DOC_MAP || at->count > 100) {
                doc_problem(problems, at, NULL, "expected a map of header names and values");
                return;
        }
        doc_each (one, at)
                if (one->type != DOC_STRING || strpbrk(one->string, "\r\n") || strpbrk(one->key, "\r\n: ") ||
                    !*one->key)
                        doc_problem(problems, one, NULL, "expected a header name with a value as a string on one line");
}

/* What a passed check has, or must not have. */
#define CONTENT(of)                                                                                                    \
        CUSTOM("headers", of, headers, const struct doc *, NO_MEMBERS, check_headers,                                  \
               "http: headers whose value contains this text"),                                                        \
                OPTIONAL_STRING("body", of, body, "http: text that the first 64 KiB of the body contain",              \
                                .max = 1000),                                                                          \
                OPTIONAL_STRING("body_regex", of, body_regex.text,                                                     \
                                "http: regular expression (PCRE2) that matches in the first 64 KiB of the body",       \
                                .max = 500, .check = check_regex)

static const struct field not_fields[] = {CONTENT(monitor_expect_not), {0}};
static const struct schema monitor_expect_not_schema = {
        .name = "not", .size = sizeof(struct monitor_expect_not), .fields = not_fields};

static const struct field expect_fields[] = {
        CUSTOM("status", monitor_expect, status, struct status_ranges, LIST_OF(ITEM_TEXT("200-299", 0, NULL), 1),
               check_status, "http: statuses that count as up"),
        CONTENT(monitor_expect),
        MAP("not", monitor_expect, not_, monitor_expect_not, "http: what a passed check must not have"),
        {0},
};
const struct schema monitor_expect_schema = {
        .name = "expect", .size = sizeof(struct monitor_expect), .fields = expect_fields};
