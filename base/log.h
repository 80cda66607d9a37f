/* base/log.h: one line per event on standard error. Any thread but the answer path, which logs nothing.
 *
 * A line is "2026-01-31T12:00:00.000Z level room: message". With the journal behind standard error
 * (JOURNAL_STREAM is set) the time is left out and a <N> priority stands in front. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
extern const char *const log_level_names[]; /* NULL behind the last */

void log_set_level(enum log_level);
bool log_level_parse(const char *text, enum log_level *); /* error, warning, info, debug */

void log_write(enum log_level, const char *room, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* For lines that others can provoke: at most LOG_LIMIT_LINES of one kind in LOG_LIMIT_MS; how many were left out stands
 * in front of the next that is written. One static limit a kind. */
#define LOG_LIMIT_LINES 10
#define LOG_LIMIT_MS    10000
struct log_limit {
        uint64_t since_ms; /* clock_ms() */
        unsigned lines, left_out;
};
void log_limited(struct log_limit *, enum log_level, const char *room, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

#define log_error(room, ...)   log_write(LOG_LEVEL_ERROR, room, __VA_ARGS__)
#define log_warning(room, ...) log_write(LOG_LEVEL_WARNING, room, __VA_ARGS__)
#define log_info(room, ...)    log_write(LOG_LEVEL_INFO, room, __VA_ARGS__)
#define log_debug(room, ...)   log_write(LOG_LEVEL_DEBUG, room, __VA_ARGS__)

#endif
