#include "base/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include "base/arena.h"
#include "base/clock.h"

#define PLACES_MAX 64 /* that are tried between two looks at the clock */

static pcre2_match_context *limits; /* never changed, never freed */

static void make_limits(void)
{
        limits = pcre2_match_context_create(NULL);
        if (!limits)
                return;
        pcre2_set_match_limit(limits, PATTERN_STEPS_MAX);
        pcre2_set_depth_limit(limits, PATTERN_DEPTH_MAX);
        pcre2_set_heap_limit(limits, PATTERN_HEAP_MAX / 1024);
}

static void *take(PCRE2_SIZE size, void *arena)
{
        return arena_alloc(arena, size);
}

static void leave(void *memory, void *arena)
{
        /* it goes with the arena */
}

bool pattern_compile(struct pattern *p, struct arena *a, char *error, size_t error_size)
{
        pcre2_general_context *general = pcre2_general_context_create(take, leave, a);
        pcre2_compile_context *context = pcre2_compile_context_create(general);
        PCRE2_UCHAR why[120];
        PCRE2_SIZE at;
        int code;

        pcre2_set_newline(context, PCRE2_NEWLINE_LF);
        p->code = pcre2_compile((PCRE2_SPTR)p->text, PCRE2_ZERO_TERMINATED,
                                PCRE2_MULTILINE | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C |
                                        PCRE2_USE_OFFSET_LIMIT,
                                &code, &at, context);
        if (p->code)
                return true;
        pcre2_get_error_message(code, why, sizeof(why));
        snprintf(error, error_size, "%s, at character %zu", (const char *)why, (size_t)at);
        return false;
}

/* The library's limits hold for each place that a match may begin at, of which there are as many as bytes; so the
 * places are tried in groups, and the time that all took has a limit of its own. */
static int find_within_time(const struct pattern *p, PCRE2_SPTR data, size_t length, pcre2_match_data *match,
                            pcre2_match_context *context)
{
        const uint64_t end = clock_processor_us() + PATTERN_TIME_MAX;
        size_t at = 0, group = 1;
        int found;

        for (;;) {
                pcre2_set_offset_limit(context, at + group - 1);
                found = pcre2_match(p->code, data, length, at, 0, match, context);
                at += group;
                if (found != PCRE2_ERROR_NOMATCH || at > length)
                        return found;
                if (clock_processor_us() >= end)
                        return PCRE2_ERROR_MATCHLIMIT;
                group = group < PLACES_MAX ? group * 2 : PLACES_MAX;
        }
}

enum pattern_found pattern_find(const struct pattern *p, const char *data, size_t length, size_t *end)
{
        static pthread_once_t once = PTHREAD_ONCE_INIT;
        int found = PCRE2_ERROR_NOMEMORY;

        pthread_once(&once, make_limits);
        pcre2_match_data *match = pcre2_match_data_create(1, NULL);
        pcre2_match_context *context = limits ? pcre2_match_context_copy(limits) : NULL;
        if (match && context)
                found = find_within_time(p, (PCRE2_SPTR)(length ? data : ""), length, match, context);
        if (found >= 0 && end)
                *end = pcre2_get_ovector_pointer(match)[1];
        pcre2_match_data_free(match);
        pcre2_match_context_free(context);
        return found >= 0 ? PATTERN_FOUND : found == PCRE2_ERROR_NOMATCH ? PATTERN_ABSENT : PATTERN_COSTLY;
}
