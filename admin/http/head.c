#include "admin/http/head.h"

#include <string.h>
#include <strings.h>
#include "base/utf8.h"

#define LENGTH_DIGITS_MAX 18
#define CHUNK_DIGITS_MAX  8

long head_length(const char *text, size_t length, size_t *scanned)
{
        for (size_t i = *scanned; i < length; i++) {
                if (text[i] == '\0' || (text[i] == '\n' && (!i || text[i - 1] != '\r')))
                        return -1;
                if (text[i] != '\n' && i && text[i - 1] == '\r')
                        return -1;
                if (text[i] == '\n' && i >= 3 && text[i - 2] == '\n')
                        return (long)i + 1;
        }
        *scanned = length;
        return 0;
}

/* RFC 9110 5.6.2 */
static bool is_token_char(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(const char *text)
{
        size_t i = 0;

        while (is_token_char(text[i]))
                i++;
        return i && !text[i];
}

/* Cuts the line that begins at *at and moves behind it. */
static char *next_line(char **at)
{
        char *line = *at, *end = strstr(line, "\r\n");

        *end = '\0';
        *at = end + 2;
        return line;
}

static bool parse_target(char *target, struct head *h)
{
        for (const char *c = target; *c; c++)
                if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 127 || *c == '#')
                        return false;
        /* The absolute form names its host itself (RFC 9112 3.2.2). */
        size_t scheme = !strncasecmp(target, "http://", 7) ? 7 : !strncasecmp(target, "https://", 8) ? 8 : 0;
        if (scheme) {
                size_t length = strcspn(target + scheme, "/?");
                if (!length)
                        return false;
                h->host = target + scheme - 1; /* moved by one to make room for the NUL in front of the path */
                memmove(target + scheme - 1, target + scheme, length);
                target += scheme + length;
                target[-1] = '\0';
        }
        bool no_path = scheme ? *target != '/' : !strcmp(h->method, "OPTIONS") && !strcmp(target, "*");
        if (*target != '/' && !no_path)
                return false;
        h->path = no_path ? "/" : target; /* RFC 9112 3.2.1; "*" is of the server in whole (3.2.4), nothing is there */
        char *question = strchr(target, '?');
        if (question) {
                *question = '\0';
                h->query = question + 1;
        }
        return true;
}

static int parse_request_line(char *line, struct head *h, const char **why)
{
        char *target = strchr(line, ' '), *version = target ? strchr(target + 1, ' ') : NULL;

        *why = "expected a request line: METHOD /path HTTP/1.1";
        if (!version)
                return 400;
        *target++ = *version++ = '\0';
        h->method = line;
        if (!is_token(line) || strncmp(version, "HTTP/", 5))
                return 400;
        if (strcmp(version, "HTTP/1.1") && strcmp(version, "HTTP/1.0")) {
                *why = "expected HTTP/1.1";
                return 505;
        }
        h->keep_alive = h->is_1_1 = !strcmp(version, "HTTP/1.1");
        *why = "the request's target is not valid";
        return parse_target(target, h) ? 0 : 400;
}

static int parse_field(char *line, struct head *h, const char **why)
{
        char *colon = strchr(line, ':');

        *why = "a header field is not valid (expected NAME: VALUE)";
        if (!colon)
                return 400;
        *colon = '\0';
        if (!is_token(line))
                return 400;
        char *value = colon + 1 + strspn(colon + 1, " \t"), *end = value + strlen(value);
        while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
                *--end = '\0';
        for (const char *c = value; *c; c++)
                if (((unsigned char)*c < ' ' && *c != '\t') || *c == 127)
                        return 400;
        if (h->field_count == HEAD_FIELDS_MAX) {
                *why = "too many header fields";
                return 431;
        }
        h->fields[h->field_count].name = line;
        h->fields[h->field_count++].value = value;
        return 0;
}

static unsigned count_fields(const struct head *h, const char *name)
{
        unsigned n = 0;

        for (size_t i = 0; i < h->field_count; i++)
                n += !strcasecmp(h->fields[i].name, name);
        return n;
}

const char *head_field(const struct head *h, const char *name)
{
        for (size_t i = 0; i < h->field_count; i++)
                if (!strcasecmp(h->fields[i].name, name))
                        return h->fields[i].value;
        return NULL;
}

/* How long the body is (RFC 9112 6). */
static int parse_framing(struct head *h, const char **why)
{
        const char *length = head_field(h, "Content-Length"), *coding = head_field(h, "Transfer-Encoding");

        *why = "expected one Content-Length or one Transfer-Encoding field";
        if (count_fields(h, "Content-Length") + count_fields(h, "Transfer-Encoding") > 1)
                return 400;
        if (coding) {
                *why = "expected Transfer-Encoding: chunked";
                if (!h->is_1_1 || strcasecmp(coding, "chunked"))
                        return h->is_1_1 ? 501 : 400;
                h->chunked = true;
        }
        if (length) {
                size_t digits = strspn(length, "0123456789");
                *why = "expected a number as Content-Length";
                if (!digits || length[digits] || digits > LENGTH_DIGITS_MAX)
                        return 400;
                for (const char *c = length; *c; c++)
                        h->length = h->length * 10 + (uint64_t)(*c - '0');
        }
        return 0;
}

static int parse_connection(struct head *h, const char **why)
{
        const char *connection = head_field(h, "Connection"), *expect = head_field(h, "Expect");
        unsigned hosts = count_fields(h, "Host");

        *why = "expected one Host field";
        if (hosts > 1 || (h->is_1_1 && !hosts))
                return 400;
        if (!h->host)
                h->host = head_field(h, "Host");
        if (connection && strcasestr(connection, "close"))
                h->keep_alive = false;
        *why = "expected Expect: 100-continue";
        if (expect && strcasecmp(expect, "100-continue"))
                return 417;
        h->expects_continue = expect && h->is_1_1 && (h->chunked || h->length);
        return 0;
}

int head_parse(char *text, size_t length, struct head *h, const char **why)
{
        char *at = text, *end = text + length - 2; /* the empty line */
        int status;

        *h = (struct head){0};
        status = parse_request_line(next_line(&at), h, why);
        while (!status && at < end)
                status = parse_field(next_line(&at), h, why);
        if (!status)
                status = parse_framing(h, why);
        return status ? status : parse_connection(h, why);
}

bool chunk_size_parse(const char *line, uint64_t *size)
{
        size_t digits = strspn(line, "0123456789abcdefABCDEF");

        *size = 0;
        if (!digits || digits > CHUNK_DIGITS_MAX || (line[digits] && line[digits] != ';'))
                return false;
        for (size_t i = 0; i < digits; i++) {
                char c = line[i];
                *size = *size * 16 + (uint64_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
        }
        return true;
}

static int hex_digit(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        c |= 32;
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *percent_decode(struct arena *a, const char *text, size_t length, bool plus)
{
        char *out = arena_bytes(a, length + 1), *to = out;

        for (size_t i = 0; i < length; i++) {
                if (text[i] == '%') {
                        int high = i + 2 < length ? hex_digit(text[i + 1]) : -1;
                        int low = high < 0 ? -1 : hex_digit(text[i + 2]);
                        if (low < 0 || (!high && !low))
                                return NULL;
                        *to++ = (char)(high * 16 + low);
                        i += 2;
                } else {
                        *to++ = plus && text[i] == '+' ? ' ' : text[i];
                }
        }
        *to = '\0';
        return utf8_good(out) ? out : NULL;
}
