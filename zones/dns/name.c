#include "zones/dns/name.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Reads one character of presentation form, with its escape; false with *why when it is none. */
static bool read_character(const char **text, uint8_t *out, const char **why)
{
        const char *p = *text;

        if (*p != '\\') {
                *out = (uint8_t)*p;
                *text = p + 1;
                return true;
        }
        if (p[1] >= '0' && p[1] <= '9') {
                unsigned value = 0;
                for (int i = 1; i <= 3; i++) {
                        if (p[i] < '0' || p[i] > '9') {
                                *why = "expected three digits behind a backslash";
                                return false;
                        }
                        value = value * 10 + (unsigned)(p[i] - '0');
                }
                if (value > 255) {
                        *why = "an escape above \\255";
                        return false;
                }
                *out = (uint8_t)value;
                *text = p + 4;
                return true;
        }
        if (!p[1]) {
                *why = "a backslash at the end";
                return false;
        }
        *out = (uint8_t)p[1];
        *text = p + 2;
        return true;
}

/* Labels of `text` into out; returns the bytes written, without the root label. */
static bool read_labels(const char *text, uint8_t *out, unsigned *length, bool *absolute, const char **why)
{
        unsigned at = 0, label = 0; /* `label`: where the length byte of the current one stands */

        *absolute = false;
        while (*text) {
                if (*text == '.') {
                        if (at == label) {
                                *why = "an empty label";
                                return false;
                        }
                        out[label] = (uint8_t)(at - label);
                        label = ++at;
                        text++;
                        *absolute = !*text;
                        continue;
                }
                if (at == label && label >= NAME_WIRE_MAX - 2)
                        break;
                uint8_t c;
                if (!read_character(&text, &c, why))
                        return false;
                if (at - label == 63) {
                        *why = "a label longer than 63 bytes";
                        return false;
                }
                if (at + 2 >= NAME_WIRE_MAX) {
                        *why = "a name longer than 255 bytes";
                        return false;
                }
                out[++at] = c;
        }
        if (*text) {
                *why = "a name longer than 255 bytes";
                return false;
        }
        if (!*absolute) {
                out[label] = (uint8_t)(at - label);
                at++;
        }
        *length = at;
        return true;
}

unsigned name_parse_cased(const char *text, const uint8_t *origin, uint8_t out[NAME_WIRE_MAX], const char **why)
{
        static const uint8_t root[1] = {0};
        unsigned length, tail;
        bool absolute;

        if (!*text) {
                *why = "an empty name";
                return 0;
        }
        if (!strcmp(text, ".")) {
                out[0] = 0;
                return 1;
        }
        if (!origin)
                origin = root;
        if (!strcmp(text, "@")) {
                length = 0;
                absolute = false;
        } else if (!read_labels(text, out, &length, &absolute, why)) {
                return 0;
        }
        if (absolute)
                origin = root;
        tail = name_length(origin);
        if (length + tail > NAME_WIRE_MAX) {
                *why = "a name longer than 255 bytes";
                return 0;
        }
        memcpy(out + length, origin, tail);
        return length + tail;
}

unsigned name_parse(const char *text, const uint8_t *origin, uint8_t out[NAME_WIRE_MAX], const char **why)
{
        unsigned length = name_parse_cased(text, origin, out, why);
        if (length)
                name_lower(out);
        return length;
}

char *name_format(const uint8_t *wire, char out[NAME_TEXT_MAX])
{
        size_t n = 0;

        if (!*wire)
                return strcpy(out, ".");
        for (; *wire; wire += 1 + *wire) {
                if (n)
                        out[n++] = '.';
                for (unsigned i = 1; i <= *wire; i++) {
                        uint8_t c = wire[i];
                        if (strchr(".\\\"();@$", c) && c)
                                n += (size_t)sprintf(out + n, "\\%c", c);
                        else if (c <= ' ' || c >= 127)
                                n += (size_t)sprintf(out + n, "\\%03u", c);
                        else
                                out[n++] = (char)c;
                }
        }
        out[n] = '\0';
        return out;
}

unsigned name_length(const uint8_t *wire)
{
        const uint8_t *p = wire;
        while (*p)
                p += 1 + *p;
        return (unsigned)(p - wire) + 1;
}

unsigned name_labels(const uint8_t *wire)
{
        unsigned n = 0;
        for (; *wire; wire += 1 + *wire)
                n++;
        return n;
}

static uint8_t lower(uint8_t c)
{
        return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

/* Length bytes are below 64 and so are not changed. */
void name_lower(uint8_t *wire)
{
        for (unsigned i = 0, n = name_length(wire); i < n; i++)
                wire[i] = lower(wire[i]);
}

bool name_equal(const uint8_t *a, const uint8_t *b)
{
        unsigned length = name_length(a);

        if (length != name_length(b))
                return false;
        for (unsigned i = 0; i < length; i++)
                if (lower(a[i]) != lower(b[i]))
                        return false;
        return true;
}

bool name_within(const uint8_t *name, const uint8_t *ancestor)
{
        unsigned labels = name_labels(name), up = name_labels(ancestor);

        if (labels < up)
                return false;
        for (; labels > up; labels--)
                name += 1 + *name;
        return name_equal(name, ancestor);
}

bool name_key(const char *text, char out[NAME_TEXT_MAX])
{
        uint8_t wire[NAME_WIRE_MAX];
        const char *why;

        if (!strcmp(text, "@") || !name_parse(text, NULL, wire, &why))
                return false;
        name_format(wire, out);
        return true;
}
