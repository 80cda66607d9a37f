#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"

#define LINE_MAX_BYTES 4096

static int threshold = LOG_LEVEL_INFO;
const char *const log_level_names[] = {"error", "warning", "info", "debug", NULL};
static const int priorities[] = {3, 4, 6, 7}; /* of syslog */

void log_set_level(enum log_level level)
{
        __atomic_store_n(&threshold, (int)level, __ATOMIC_RELAXED);
}

bool log_level_parse(const char *text, enum log_level *level)
{
        for (size_t i = 0; log_level_names[i]; i++)
                if (!strcmp(text, log_level_names[i])) {
                        *level = (enum log_level)i;
                        return true;
                }
        return false;
}

/* What others send may end up in a message: one event stays one line. */
static void make_printable(char *text, size_t length)
{
        for (size_t i = 0; i < length; i++)
                if ((unsigned char)text[i] < ' ' || text[i] == 127)
                        text[i] = ' ';
}

static void write_line(enum log_level level, const char *room, const char *format, va_list args)
{
        char line[LINE_MAX_BYTES], time[CLOCK_TEXT_MAX];
        int n;

        if ((int)level > __atomic_load_n(&threshold, __ATOMIC_RELAXED))
                return;
        if (getenv("JOURNAL_STREAM"))
                n = snprintf(line, sizeof(line), "<%d>%s: ", priorities[level], room);
        else
                n = snprintf(line, sizeof(line), "%s %s %s: ", clock_format(clock_wall_ms(), time),
                             log_level_names[level], room);
        int m = vsnprintf(line + n, sizeof(line) - (size_t)n - 1, format, args);
        size_t length = (size_t)n + (m < 0 ? 0 : (size_t)m);
        if (length > sizeof(line) - 2)
                length = sizeof(line) - 2;
        make_printable(line, length);
        line[length++] = '\n';
        (void)!write(STDERR_FILENO, line, length); /* one call, so that lines of threads do not mix */
}

void log_write(enum log_level level, const char *room, const char *format, ...)
{
        va_list args;

        va_start(args, format);
        write_line(level, room, format, args);
        va_end(args);
}

/* Whether the line is written; *left_out: how many before it were not. Several threads may share a limit. */
static bool within_limit(struct log_limit *limit, unsigned *left_out)
{
        uint64_t now = clock_ms();

        if (!limit->since_ms || now - limit->since_ms >= LOG_LIMIT_MS) {
                limit->since_ms = now;
                limit->lines = 0;
        }
        if (limit->lines == LOG_LIMIT_LINES) {
                limit->left_out++;
                return false;
        }
        limit->lines++;
        *left_out = limit->left_out;
        limit->left_out = 0;
        return true;
}

void log_limited(struct log_limit *limit, enum log_level level, const char *room, const char *format, ...)
{
        static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
        unsigned left_out = 0;
        va_list args;

        pthread_mutex_lock(&lock);
        bool good = within_limit(limit, &left_out);
        pthread_mutex_unlock(&lock);
        if (!good)
                return;
        if (left_out)
                log_write(level, room, "%u lines like the next were left out", left_out);
        va_start(args, format);
        write_line(level, room, format, args);
        va_end(args);
}
