/* admin/traffic/history.h: what went where, minute by minute, for a day: by name, and on disk, over restarts.
 *
 * Of each minute the busiest, and what all others had together. The lock is the caller's; disks are waited for when it
 * is opened alone. */
#ifndef ADMIN_TRAFFIC_HISTORY_H
#define ADMIN_TRAFFIC_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HISTORY_MINUTES 1440
#define HISTORY_BUSIEST 500 /* of a minute */

/* Names; NULL and "" are alike: none, or all others. */
struct went {
        const char *service, *region, *pool, *endpoint;
        uint64_t answers;
};

struct history;

/* NULL as path: of this process alone. What cannot be read is begun anew, and logged. */
struct history *history_open(const char *path, uint32_t minute);
void history_close(struct history *);
/* Of a minute (since the epoch) that is over. */
void history_add(struct history *, uint32_t minute, const struct went *, size_t count);
/* What went in that minute and later, summed up. */
typedef void history_visit(void *context, const struct went *);
void history_each(const struct history *, uint32_t since, history_visit *, void *context);
uint32_t history_first(const struct history *); /* the oldest minute that is known; 0: none */

#endif
