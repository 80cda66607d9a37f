/* base/time_zones/time_zone.h: a time zone: what the clocks of a place show at a moment, and when they show a time.
 *
 * As a TZif file has it (RFC 8536): the bytes are somebody else's, and everything in them is checked before it is
 * taken. No C library's idea of "the" time zone of the process is looked at or touched. Pure; moments and clocks are in
 * seconds, moments since the epoch in UTC, clocks as if they were UTC. */
#ifndef BASE_TIME_ZONES_TIME_ZONE_H
#define BASE_TIME_ZONES_TIME_ZONE_H

#include <stddef.h>
#include <stdint.h>

#define TIME_ZONE_FILE_MAX 65536 /* bytes; the largest there is has 4000 */

struct time_zone;

/* NULL: `why` says what is wrong, a static text. */
struct time_zone *time_zone_read(const uint8_t *bytes, size_t length, const char **why);
void time_zone_free(struct time_zone *);
/* Gives `to` what `from` has, and `from` what it had. */
void time_zone_swap(struct time_zone *to, struct time_zone *from);

/* Seconds east of UTC at a moment. until: when that may be another; INT64_MAX: never. */
int32_t time_zone_offset(const struct time_zone *, int64_t at_s, int64_t *until_s);
/* The first moment at which the clocks show this time or a later one. A time that is left out when clocks are put on is
 * reached as they are; one that they show twice is reached the first time. Never falls when `clock_s` rises. */
int64_t time_zone_reached(const struct time_zone *, int64_t clock_s);

#endif
