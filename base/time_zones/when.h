/* base/time_zones/when.h: times that lie behind, as people write them. Any thread, but for a TZ that changes meanwhile.
 */
#ifndef BASE_TIME_ZONES_WHEN_H
#define BASE_TIME_ZONES_WHEN_H

#include <stdbool.h>
#include <stdint.h>

/* What is taken, for messages. */
#define WHEN_EXPECTED                                                                                                  \
        "2h, 22:00, yesterday, yesterday 22:00, monday, 2026-01-31, 2026-01-31 22:00 or 2026-01-31T22:00:00Z"

/* So long before `now_ms`; the last time that the clock showed 22:00; the beginning of a day, or a time of it. Where no
 * offset stands, by the clock of this process's time zone: a time that clocks show twice is the first of the two, one
 * that they leave out is when they are put on. false: it is none. */
bool when_parse(const char *text, int64_t now_ms, int64_t *wall_ms);

#endif
