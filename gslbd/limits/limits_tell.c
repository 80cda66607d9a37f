#include "gslbd/limits/limits_tell.h"

#include <stdio.h>

static const char *prefix_text(const struct busy *b, char out[PREFIX_TEXT_MAX])
{
        const struct prefix whole = client_prefix_whole(&b->prefix);

        return prefix_format(&whole, out);
}

static void tell_busiest(const struct limits *l, uint64_t now, struct arena *a, uint32_t most, struct doc *to)
{
        struct busy *busy = ARENA_ARRAY(a, struct busy, most);
        struct doc *items = doc_add_list(a, to, "busiest");
        size_t n = limits_busiest(l, now, busy, most);
        char text[PREFIX_TEXT_MAX];

        for (size_t i = 0; i < n; i++) {
                struct doc *one = doc_add_map(a, items, NULL);
                doc_add_string(a, one, "network", prefix_text(&busy[i], text));
                doc_add_int(a, one, "queries", (int64_t)busy[i].asked);
                doc_add_int(a, one, "limited", (int64_t)busy[i].limited);
        }
}

struct doc *limits_tell(const struct limits *l, const struct limit_settings *s, struct arena *a, uint32_t most)
{
        struct doc *d = doc_new(a, DOC_MAP);
        const uint64_t now = limits_clock();
        uint64_t values[COUNTER_COUNT];

        counters_sum(values);
        doc_add_string(a, d, "mode", limits_mode_names[s->mode]);
        doc_add_int(a, d, "limited", (int64_t)values[COUNTER_LIMITED]);
        doc_add_int(a, d, "slipped", (int64_t)values[COUNTER_LIMITED_SLIPPED]);
        doc_add_int(a, d, "dropped", (int64_t)values[COUNTER_LIMITED_DROPPED]);
        doc_add_int(a, d, "buckets", (int64_t)limits_in_use(l, now));
        doc_add_int(a, d, "seconds",
                    (int64_t)(BUSIEST_WINDOW_S + now / BUCKET_SECOND % BUSIEST_WINDOW_S)); /* that counts are of */
        tell_busiest(l, now, a, most, d);
        return d;
}

bool limits_tell_line(const struct limits *l, const struct limit_settings *s, uint64_t *seen, char *out, size_t size)
{
        char text[PREFIX_TEXT_MAX];
        uint64_t values[COUNTER_COUNT];
        struct busy first;

        counters_sum(values);
        uint64_t since = values[COUNTER_LIMITED] - *seen;
        *seen = values[COUNTER_LIMITED];
        if (!since)
                return false;
        bool known = limits_busiest(l, limits_clock(), &first, 1) && first.limited;
        snprintf(out, size, "%llu queries were over a limit%s%s%s; gslbctl limits tells more",
                 (unsigned long long)since, s->mode == LIMITS_ON ? "" : ", and nothing was held back (log_only)",
                 known ? ", most from " : "", known ? prefix_text(&first, text) : "");
        return true;
}
