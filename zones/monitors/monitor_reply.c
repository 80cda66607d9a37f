#include "zones/monitors/monitor_reply.h"

#include "base/hex.h"

#define BYTES_MAX 1024 /* of what is sent or expected, each */

void check_bytes(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct bytes *bytes = out;

        if (at->type != DOC_STRING || !at->count || at->count > BYTES_MAX)
                doc_problem(problems, at, NULL, "expected text of 1 to %d bytes", BYTES_MAX);
        else
                *bytes = (struct bytes){(const uint8_t *)arena_strdup(a, at->string), at->count};
}

/* "0a0b" or "0a 0b": spaces may stand between bytes. */
void check_hex(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct bytes *bytes = out;
        char digits[2 * BYTES_MAX + 1];
        uint8_t data[BYTES_MAX];
        size_t length = 0, count = 0;
        bool good = at->type == DOC_STRING;

        for (const char *c = good ? at->string : ""; good && *c; c++) {
                if (*c == ' ' && count % 2 == 0)
                        continue;
                good = count < sizeof(digits) - 1;
                if (good)
                        digits[count++] = *c;
        }
        digits[count] = '\0';
        if (good && hex_decode(digits, data, sizeof(data), &length))
                *bytes = (struct bytes){arena_memdup(a, data, length), (uint32_t)length};
        else
                doc_problem(problems, at, NULL, "expected pairs of hexadecimal digits for 1 to %d bytes", BYTES_MAX);
}

void check_regex(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        char why[200];

        if (!pattern_compile(out, a, why, sizeof(why)))
                doc_problem(problems, at, NULL, "expected a regular expression: %s", why);
}
