/* base/clock.h: time and durations. Any thread. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define DURATION_TEXT_MAX 32
#define CLOCK_TEXT_MAX    32

uint64_t clock_ms(void);           /* monotonic, for intervals and deadlines */
uint64_t clock_us(void);           /* monotonic */
uint64_t clock_processor_us(void); /* that this thread has had: a system call */
int64_t clock_wall_ms(void);       /* since the epoch, for what survives a restart and what people read */

/* "500ms", "5s", "30m", "2h", "7d"; a whole number and a unit. false when it is none. */
bool duration_parse(const char *text, int64_t *ms);
/* The shortest exact form: 90000 gives "90s", 120000 "2m". */
char *duration_format(int64_t ms, char out[DURATION_TEXT_MAX]);
/* RFC 3339 in UTC with milliseconds: "2026-01-31T12:00:00.000Z". */
char *clock_format(int64_t wall_ms, char out[CLOCK_TEXT_MAX]);
bool clock_parse(const char *text, int64_t *wall_ms);

#endif
