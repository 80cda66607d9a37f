/* base/time_zones/time_zones.h: the time zones of this machine, by name: files of the package tzdata.
 *
 * One table a process, as there is one such directory: $TZDIR, else /usr/share/zoneinfo. A time zone stays in it, at
 * its place, from its first use to the end of the process: that its file goes away takes it from nobody. Finding may be
 * done by any thread; reading what was found, and time_zones_reload, by the control thread alone. */
#ifndef BASE_TIME_ZONES_TIME_ZONES_H
#define BASE_TIME_ZONES_TIME_ZONES_H

#include <stddef.h>
#include "base/time_zones/time_zone.h"

/* "Europe/Berlin". NULL with what is wrong in `error`. */
const struct time_zone *time_zones_find(const char *name, char *error, size_t error_size);
/* Reads the files of all that were found again, and tells of each that is another now, or (`error` set) that cannot be
 * read, and stays as it was. Returns how many are others. */
typedef void time_zones_visit(void *context, const char *name, const char *error);
size_t time_zones_reload(time_zones_visit *, void *context);
/* At the end of the process. */
void time_zones_free(void);

#endif
