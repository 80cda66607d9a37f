/* geo/watch.h: whether database files are others than those that were opened last. One thread at a time. */
#ifndef GEO_WATCH_H
#define GEO_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct geo_watch;

/* `paths` stay the caller's and outlive it. interval_ms 0: it never looks. */
struct geo_watch *geo_watch_new(const char *const *paths, size_t count, uint64_t interval_ms);
void geo_watch_free(struct geo_watch *); /* NULL is allowed */
/* The files are being opened: said before that, so that what is written meanwhile is found. */
void geo_watch_opening(struct geo_watch *);
/* Looks when it is time. true: a file is another than when they were opened, and the same as at the look before, so
 * that nobody is writing it. Files that were refused are not asked for again until one changes. */
bool geo_watch_changed(struct geo_watch *, uint64_t now_ms);

#endif
