/* JSON (RFC 8259) into documents, in one pass straight into their arena. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/documents/doc_keys.h"
#include "base/documents/doc_parse.h"
#include "base/utf8.h"

struct json_reader {
        struct arena *arena;
        const struct doc_limits *limits;
        struct problems *problems;
        const char *at, *end, *line_start;
        unsigned line;
        bool one_line; /* then lines tell nobody anything: nodes have none */
        size_t nodes;
};

static void *refuse(struct json_reader *r, const char *at, const char *what)
{
        problems_add(r->problems, "", r->line, "not valid JSON: %s (column %td)", what, at - r->line_start + 1);
        return NULL;
}

static void skip_space(struct json_reader *r)
{
        for (; r->at < r->end; r->at++)
                if (*r->at == '\n') {
                        r->line++;
                        r->line_start = r->at + 1;
                } else if (*r->at != ' ' && *r->at != '\t' && *r->at != '\r') {
                        return;
                }
}

/* Takes this character, if it comes next. */
static bool take(struct json_reader *r, char c)
{
        if (r->at == r->end || *r->at != c)
                return false;
        r->at++;
        return true;
}

/* --- strings --- */

/* Four hexadecimal digits; -1: there are none. */
static int hex4(const char *at, const char *end)
{
        int value = 0;

        if (end - at < 4)
                return -1;
        for (int i = 0; i < 4; i++) {
                char c = at[i];
                int digit = c >= '0' && c <= '9'   ? c - '0'
                            : c >= 'a' && c <= 'f' ? c - 'a' + 10
                            : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                   : -1;
                if (digit < 0)
                        return -1;
                value = value * 16 + digit;
        }
        return value;
}

static char *put_character(char *out, unsigned code)
{
        if (code < 0x80) {
                *out++ = (char)code;
                return out;
        }
        if (code < 0x800) {
                *out++ = (char)(0xc0 | code >> 6);
        } else {
                if (code < 0x10000) {
                        *out++ = (char)(0xe0 | code >> 12);
                } else {
                        *out++ = (char)(0xf0 | code >> 18);
                        *out++ = (char)(0x80 | (code >> 12 & 0x3f));
                }
                *out++ = (char)(0x80 | (code >> 6 & 0x3f));
        }
        *out++ = (char)(0x80 | (code & 0x3f));
        return out;
}

/* What stands behind "\u", and behind that the second half of what takes two. NULL: it is no character of ours. */
static const char *read_unicode(struct json_reader *r, const char *at, const char *end, char **out)
{
        int code = hex4(at, end), low;

        if (code < 0)
                return refuse(r, at, "expected four hexadecimal digits behind \\u");
        if (!code)
                return refuse(r, at, "a NUL byte (\\u0000) is not taken");
        at += 4;
        if (code >= 0xd800 && code < 0xe000) {
                low = end - at >= 6 && at[0] == '\\' && at[1] == 'u' ? hex4(at + 2, end) : -1;
                if (code >= 0xdc00 || low < 0xdc00 || low >= 0xe000)
                        return refuse(r, at - 4, "half of a surrogate pair");
                code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                at += 6;
        }
        *out = put_character(*out, (unsigned)code);
        return at;
}

/* The bytes from `at` to `end`, which end a string, with each escape as what it stands for; never longer than they. */
static char *unescape(struct json_reader *r, const char *at, const char *end, size_t *length)
{
        static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
        char *text = arena_bytes(r->arena, (size_t)(end - at) + 1), *out = text;

        while (at < end) {
                if (*at != '\\') {
                        *out++ = *at++;
                        continue;
                }
                const char *name = memchr(names, at[1], sizeof(names) - 1); /* something always stands behind it */
                if (name) {
                        *out++ = values[name - names];
                        at += 2;
                } else if (at[1] != 'u') {
                        return refuse(r, at, "unknown escape");
                } else if (!(at = read_unicode(r, at + 2, end, &out))) {
                        return NULL;
                }
        }
        *out = '\0';
        *length = (size_t)(out - text);
        return text;
}

/* At its opening quote. */
static char *read_string(struct json_reader *r, size_t *length)
{
        const char *start = ++r->at, *at = start;
        bool escapes = false;
        unsigned char bits = 0;

        for (; at < r->end && *at != '"'; at++) {
                if ((unsigned char)*at < ' ')
                        return refuse(r, at, "a control character in a string");
                bits |= (unsigned char)*at;
                if (*at == '\\') {
                        escapes = true;
                        if (++at == r->end)
                                break;
                }
        }
        if (at >= r->end)
                return refuse(r, start - 1, "this string does not end");
        *length = (size_t)(at - start);
        char *text = escapes ? unescape(r, start, at, length) : arena_strndup(r->arena, start, *length);
        if (text && bits >= 0x80 && !utf8_good(text))
                return refuse(r, start - 1, "unable to decode this string: it is not UTF-8");
        r->at = at + 1;
        return text;
}

/* --- numbers --- */

static const char *skip_digits(const char *at, const char *end)
{
        while (at < end && *at >= '0' && *at <= '9')
                at++;
        return at;
}

/* Where the number that begins here ends; NULL: none does. */
static const char *number_end(const char *at, const char *end, bool *is_integer)
{
        const char *digits = at += at < end && *at == '-';

        at = skip_digits(at, end);
        if (at == digits || (*digits == '0' && at > digits + 1))
                return NULL;
        *is_integer = true;
        if (at < end && *at == '.') {
                *is_integer = false;
                digits = at + 1;
                at = skip_digits(digits, end);
                if (at == digits)
                        return NULL;
        }
        if (at < end && (*at == 'e' || *at == 'E')) {
                *is_integer = false;
                at++;
                digits = at += at < end && (*at == '+' || *at == '-');
                at = skip_digits(digits, end);
                if (at == digits)
                        return NULL;
        }
        return at;
}

/* The value of a number's text, with a NUL behind it. false: it is beyond what a document holds. */
static bool number_value(const char *text, bool is_integer, int64_t *integer, double *real)
{
        errno = 0;
        if (is_integer) {
                *integer = strtoll(text, NULL, 10);
                return errno != ERANGE;
        }
        *real = strtod(text, NULL);
        return isfinite(*real);
}

static struct doc *read_number(struct json_reader *r)
{
        bool is_integer;
        const char *end = number_end(r->at, r->end, &is_integer);
        int64_t integer = 0;
        double real = 0;
        char small[32];

        if (!end)
                return refuse(r, r->at, "expected a number");
        size_t length = (size_t)(end - r->at);
        const char *text =
                length < sizeof(small) ? memcpy(small, r->at, length) : arena_strndup(r->arena, r->at, length);
        if (length < sizeof(small))
                small[length] = '\0';
        if (!number_value(text, is_integer, &integer, &real))
                return refuse(r, r->at, is_integer ? "this integer is too big" : "this number is too big");
        r->at = end;
        return is_integer ? doc_int(r->arena, integer) : doc_real(r->arena, real);
}

double doc_number(const char *text, bool *is_integer, int64_t *integer, bool *good)
{
        const char *space = " \t\r\n", *end;
        double real = 0;

        text += strspn(text, space);
        *is_integer = false;
        end = number_end(text, text + strlen(text), is_integer);
        *good = end && !end[strspn(end, space)] && number_value(text, *is_integer, integer, &real);
        *is_integer &= *good;
        return *good ? real : 0;
}

/* --- values --- */

static struct doc *read_value(struct json_reader *, unsigned depth);

static struct doc *read_list(struct json_reader *r, unsigned depth)
{
        struct doc *d = doc_new(r->arena, DOC_LIST), *child;

        r->at++;
        skip_space(r);
        if (take(r, ']'))
                return d;
        do {
                if (!(child = read_value(r, depth + 1)))
                        return NULL;
                doc_add(d, NULL, child);
                skip_space(r);
        } while (take(r, ','));
        return take(r, ']') ? d : refuse(r, r->at, "expected ',' or ']'");
}

/* At its key. */
static bool read_member(struct json_reader *r, struct doc *map, unsigned depth)
{
        unsigned line = r->line;
        size_t length;

        if (r->at == r->end || *r->at != '"')
                return refuse(r, r->at, "expected a key in quotes");
        const char *key = read_string(r, &length);
        if (!key)
                return false;
        skip_space(r);
        if (!take(r, ':'))
                return refuse(r, r->at, "expected ':'");
        struct doc *child = read_value(r, depth + 1);
        if (!child)
                return false;
        if (map->count >= r->limits->keys) {
                problems_add(r->problems, "", 0, "expected at most %zu keys in a map", r->limits->keys);
                return false;
        }
        doc_add(map, key, child);
        child->line = r->one_line ? 0 : line;
        return true;
}

static struct doc *read_map(struct json_reader *r, unsigned depth)
{
        struct doc *d = doc_new(r->arena, DOC_MAP);

        r->at++;
        skip_space(r);
        if (take(r, '}'))
                return d;
        do {
                skip_space(r);
                if (!read_member(r, d, depth))
                        return NULL;
                skip_space(r);
        } while (take(r, ','));
        if (!take(r, '}'))
                return refuse(r, r->at, "expected ',' or '}'");
        return doc_keys_differ(d, r->problems) ? d : NULL;
}

static struct doc *read_text(struct json_reader *r)
{
        size_t length;
        const char *text = read_string(r, &length);

        if (!text)
                return NULL;
        struct doc *d = doc_new(r->arena, DOC_STRING);
        d->string = text;
        d->count = (uint32_t)length;
        return d;
}

static struct doc *read_word(struct json_reader *r)
{
        static const char *const words[] = {"null", "true", "false"};

        for (size_t i = 0; i < 3; i++) {
                size_t length = strlen(words[i]);
                if ((size_t)(r->end - r->at) >= length && !memcmp(r->at, words[i], length)) {
                        r->at += length;
                        return i ? doc_bool(r->arena, i == 1) : doc_new(r->arena, DOC_NULL);
                }
        }
        return refuse(r, r->at, "expected a value");
}

static struct doc *read_value(struct json_reader *r, unsigned depth)
{
        struct doc *d;

        if (depth > DOC_DEPTH_MAX) {
                problems_add(r->problems, "", 0, "expected at most %d levels of lists and maps", DOC_DEPTH_MAX);
                return NULL;
        }
        if (r->nodes++ >= r->limits->nodes) {
                problems_add(r->problems, "", 0, "expected at most %zu values", r->limits->nodes);
                return NULL;
        }
        skip_space(r);
        if (r->at == r->end)
                return refuse(r, r->at, "the text ends where a value is expected");
        unsigned line = r->line;
        switch (*r->at) {
        case '{':
                d = read_map(r, depth);
                break;
        case '[':
                d = read_list(r, depth);
                break;
        case '"':
                d = read_text(r);
                break;
        default:
                d = *r->at == '-' || (*r->at >= '0' && *r->at <= '9') ? read_number(r) : read_word(r);
        }
        if (d)
                d->line = r->one_line ? 0 : line;
        return d;
}

struct doc *doc_parse_json(struct arena *a, const char *text, size_t length, const struct doc_limits *limits,
                           struct problems *problems)
{
        struct json_reader r = {.arena = a,
                                .limits = limits,
                                .problems = problems,
                                .at = text,
                                .end = text + length,
                                .line_start = text,
                                .line = 1,
                                .one_line = !memchr(text, '\n', length)};
        struct doc *d = read_value(&r, 0);

        skip_space(&r);
        return !d || r.at == r.end ? d : refuse(&r, r.at, "expected the end, more follows");
}
