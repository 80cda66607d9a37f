#include "base/time_zones/time_zone.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "base/time_zones/rule.h"

#define HEADER_SIZE 44
#define TYPES_MAX   256
#define RULE_MAX    256
#define OFFSET_MOST 93599              /* RFC 8536 3.2: a second below 26 hours */
#define TIME_MOST   ((int64_t)1 << 43) /* some 280000 years: sums of what is within never overflow */

struct time_zone {
        uint32_t count;
        int64_t *at_s;      /* ascending: when clocks turned */
        int32_t *offsets_s; /* count + 1 of them: [0] before the first, [i + 1] from at_s[i] on */
        bool has_rule;      /* from the last turn on */
        struct time_rule rule;
};

/* --- bytes --- */

struct reader {
        const uint8_t *bytes;
        size_t length, at;
};

/* NULL: so much is not there. */
static const uint8_t *take(struct reader *r, size_t n)
{
        if (n > r->length - r->at)
                return NULL;
        r->at += n;
        return r->bytes + r->at - n;
}

static int64_t signed_at(const uint8_t *p, unsigned size)
{
        uint64_t value = p[0] & 0x80 ? UINT64_MAX : 0;

        for (unsigned i = 0; i < size; i++)
                value = value << 8 | p[i];
        return (int64_t)value;
}

/* --- the header and its block --- */

struct header {
        uint8_t version;
        uint32_t universal_count, standard_count, leap_count, time_count, type_count, text_count;
};

static bool read_header(struct reader *r, struct header *h)
{
        const uint8_t *p = take(r, HEADER_SIZE);
        uint32_t *const counts[] = {&h->universal_count, &h->standard_count, &h->leap_count,
                                    &h->time_count,      &h->type_count,     &h->text_count};

        if (!p || memcmp(p, "TZif", 4))
                return false;
        h->version = p[4];
        for (int i = 0; i < 6; i++)
                *counts[i] = (uint32_t)signed_at(p + 20 + 4 * i, 4);
        return true;
}

/* Of a block whose numbers are small enough to be summed. */
static size_t block_size(const struct header *h, unsigned time_size)
{
        return (size_t)h->time_count * (time_size + 1) + (size_t)h->type_count * 6 + h->text_count +
               (size_t)h->leap_count * (time_size + 4) + h->standard_count + h->universal_count;
}

static bool counts_good(const struct header *h)
{
        return h->time_count <= TIME_ZONE_FILE_MAX && h->text_count && h->text_count <= TIME_ZONE_FILE_MAX &&
               h->leap_count <= TIME_ZONE_FILE_MAX && h->type_count && h->type_count <= TYPES_MAX &&
               (!h->universal_count || h->universal_count == h->type_count) &&
               (!h->standard_count || h->standard_count == h->type_count);
}

static bool read_offset(const uint8_t *type, const struct header *h, const uint8_t *texts, int32_t *out)
{
        int64_t offset = signed_at(type, 4);

        *out = (int32_t)offset;
        return offset >= -OFFSET_MOST && offset <= OFFSET_MOST && type[4] <= 1 && type[5] < h->text_count &&
               memchr(texts + type[5], '\0', h->text_count - type[5]);
}

static bool flags_good(const uint8_t *flags, uint32_t count)
{
        for (uint32_t i = 0; i < count; i++)
                if (flags[i] > 1)
                        return false;
        return true;
}

/* RFC 8536 3.2. Returns what is wrong, or NULL. */
static const char *read_block(struct time_zone *z, struct reader *r, const struct header *h, unsigned time_size)
{
        int32_t types[TYPES_MAX];

        if (!counts_good(h))
                return "its header does not hold together";
        if (h->leap_count)
                return "its times count leap seconds; take the time zone without \"right/\"";
        const uint8_t *times = take(r, (size_t)h->time_count * time_size), *kinds = take(r, h->time_count);
        const uint8_t *descriptions = take(r, (size_t)h->type_count * 6), *texts = take(r, h->text_count);
        const uint8_t *flags = take(r, (size_t)h->standard_count + h->universal_count);
        if (!times || !kinds || !descriptions || !texts || !flags)
                return "it ends too early";
        for (uint32_t i = 0; i < h->type_count; i++)
                if (!read_offset(descriptions + 6 * (size_t)i, h, texts, &types[i]))
                        return "it has an offset that cannot be";
        if (!flags_good(flags, h->standard_count + h->universal_count))
                return "it has flags that are neither 0 nor 1";
        z->at_s = memory_alloc((h->time_count + 1) * sizeof(*z->at_s));
        z->offsets_s = memory_alloc((h->time_count + 1) * sizeof(*z->offsets_s));
        z->offsets_s[0] = types[0];
        for (; z->count < h->time_count; z->count++) {
                uint32_t i = z->count;
                int64_t at_s = signed_at(times + (size_t)i * time_size, time_size);
                if (kinds[i] >= h->type_count || (i && at_s <= z->at_s[i - 1]) || at_s > TIME_MOST)
                        return "its times are not in order";
                z->at_s[i] = at_s;
                z->offsets_s[i + 1] = types[kinds[i]];
        }
        return NULL;
}

/* RFC 8536 3.3: the rule goes on where the times end. */
static const char *read_rule(struct time_zone *z, struct reader *r)
{
        size_t length = r->length - r->at;
        const char *why, *text = (const char *)r->bytes + r->at;
        char rule[RULE_MAX];
        int64_t until;

        if (length < 2 || text[0] != '\n' || text[length - 1] != '\n' || length - 2 >= sizeof(rule) ||
            memchr(text, '\0', length))
                return "its last line is missing";
        if (length == 2)
                return NULL;
        memcpy(rule, text + 1, length - 2);
        rule[length - 2] = '\0';
        if (!time_rule_parse(rule, &z->rule, &why))
                return "its last line is no rule of POSIX";
        if (z->count && time_rule_offset(&z->rule, z->at_s[z->count - 1], &until) != z->offsets_s[z->count])
                return "its rule does not go on from its last time";
        z->has_rule = true;
        return NULL;
}

static const char *read_all(struct time_zone *z, struct reader *r)
{
        struct header h;

        if (!read_header(r, &h))
                return "it is no TZif file";
        if (h.version < '2')
                return h.version ? "it is of an unknown version" : read_block(z, r, &h, 4);
        /* The same again in 64 bits stands behind. */
        if (!counts_good(&h) || !take(r, block_size(&h, 4)) || !read_header(r, &h))
                return "its header does not hold together";
        const char *why = read_block(z, r, &h, 8);
        return why ? why : read_rule(z, r);
}

struct time_zone *time_zone_read(const uint8_t *bytes, size_t length, const char **why)
{
        struct reader r = {bytes, length, 0};
        struct time_zone *z = memory_alloc(sizeof(*z));

        *why = length > TIME_ZONE_FILE_MAX ? "it is too large" : read_all(z, &r);
        if (!*why)
                return z;
        time_zone_free(z);
        return NULL;
}

void time_zone_free(struct time_zone *z)
{
        if (!z)
                return;
        free(z->at_s);
        free(z->offsets_s);
        free(z);
}

void time_zone_swap(struct time_zone *to, struct time_zone *from)
{
        struct time_zone was = *to;

        *to = *from;
        *from = was;
}

/* --- clocks --- */

/* How many turns are behind a moment. */
static uint32_t turns_until(const struct time_zone *z, int64_t at_s)
{
        uint32_t low = 0, high = z->count;

        while (low < high) {
                uint32_t middle = low + (high - low) / 2;
                if (z->at_s[middle] <= at_s)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static int64_t within(int64_t time_s)
{
        return time_s > TIME_MOST ? TIME_MOST : time_s < -TIME_MOST ? -TIME_MOST : time_s;
}

int32_t time_zone_offset(const struct time_zone *z, int64_t at_s, int64_t *until_s)
{
        at_s = within(at_s);
        uint32_t turns = turns_until(z, at_s);

        if (turns == z->count && z->has_rule)
                return time_rule_offset(&z->rule, at_s, until_s);
        *until_s = turns == z->count ? INT64_MAX : z->at_s[turns];
        return z->offsets_s[turns];
}

int64_t time_zone_reached(const struct time_zone *z, int64_t clock_s)
{
        clock_s = within(clock_s);
        int64_t at_s = clock_s - OFFSET_MOST, until_s;

        /* No clock shows it before; each turn of the loop is a time between two turns of the clocks. */
        for (;;) {
                int32_t offset_s = time_zone_offset(z, at_s, &until_s);
                int64_t reached_s = clock_s - offset_s > at_s ? clock_s - offset_s : at_s;
                if (reached_s < until_s)
                        return reached_s;
                at_s = until_s;
        }
}
