#include "zones/monitors/monitor_reply.h"

#include <string.h>

#define BYTES_MAX 1024 /* of what is sent or expected, each */

void check_bytes(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct bytes *bytes = out;

        if (at->type != DOC_STRING || !at->count || at->count > BYTES_MAX)
                doc_problem(problems, at, NULL, "expected text of 1 to %d bytes", BYTES_MAX);
        else
                *bytes = (struct bytes){(const uint8_t *)arena_strdup(a, at->string), at->count};
}

static int digit(char c)
{
        static const char digits[] = "0123456789abcdef";
        const char *found = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

        return found ? (int)(found - digits) : -1;
}

/* "0a0b" or "0a 0b". */
void check_hex(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct bytes *bytes = out;
        uint8_t data[BYTES_MAX];
        uint32_t length = 0;
        bool good = at->type == DOC_STRING && at->count;

        for (const char *c = good ? at->string : ""; good && *c; c++) {
                if (*c == ' ')
                        continue;
                int high = digit(c[0]), low = high < 0 ? -1 : digit(c[1]);
                good = low >= 0 && length < BYTES_MAX;
                if (good)
                        data[length++] = (uint8_t)(high << 4 | low), c++;
        }
        if (good)
                *bytes = (struct bytes){arena_memdup(a, data, length), length};
        else
                doc_problem(problems, at, NULL, "expected pairs of hexadecimal digits for 1 to %d bytes", BYTES_MAX);
}

void check_regex(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        char why[200];

        if (!pattern_compile(out, a, why, sizeof(why)))
                doc_problem(problems, at, NULL, "expected a regular expression: %s", why);
}
