/* zones/store/journal.h: what happened, on disk: numbered entries, the oldest of which are forgotten.
 *
 * An LMDB of its own beside the configuration, so that neither waits for the other. A thread of the journal's commits
 * what was appended about once a second: nobody who appends waits for a disk, and kill -9 loses about the last second.
 * Numbers rise, and are given out of what was set aside on disk beforehand: behind a crash they leave a gap. While the
 * disk takes nothing, the newest JOURNAL_WAITING_MAX entries are kept in memory and tried again; nothing is set aside
 * either, so that at least 10000 numbers later those given may be beyond it. Should the process crash before the disk
 * takes something again, these are given once more, to other entries. Any thread. */
#ifndef ZONES_STORE_JOURNAL_H
#define ZONES_STORE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct journal;

#define JOURNAL_WAITING_MAX 10000
#define JOURNAL_ENTRY_MAX   8192 /* bytes */
#define JOURNAL_ERROR_MAX   512

/* Opens or makes the journal in directory `path` (made with mode 0700); the newest `keep` entries stay.
 * NULL with a message in `error`; damaged: trying again will not help. */
struct journal *journal_open(const char *path, uint64_t keep, bool *damaged, char *error, size_t error_size);
/* Waits until all is on disk, or until the disk has refused it. */
void journal_close(struct journal *);

/* Takes a copy of at most JOURNAL_ENTRY_MAX bytes. Returns the entry's number, from 1. */
uint64_t journal_append(struct journal *, const void *data, size_t length);
/* How many more can wait for the disk before the oldest are given up; when less than half are left, what waits is
 * written at once. While the disk refuses it, room is not worth waiting for: JOURNAL_WAITING_MAX. */
size_t journal_room(struct journal *);
/* Waits until all that was appended is on disk. false: the disk refuses it. */
bool journal_flush(struct journal *);

/* Visits the entries with numbers above `after`, oldest first, also those that are not on disk yet. `visit` returns
 * false to stop; it must not call the journal. false with a message: not all that is there could be read. */
typedef bool journal_visit(void *context, uint64_t number, const void *data, size_t length);
bool journal_each(struct journal *, uint64_t after, journal_visit *, void *context, char *error, size_t error_size);
/* The number after which the newest `count` entries stand. */
uint64_t journal_before_newest(struct journal *, size_t count);
uint64_t journal_last(struct journal *); /* the number given last; 0: none was yet */

/* Why entries are not on disk, into `error`; false: they are. Entries given up so far. */
bool journal_failing(struct journal *, char *error, size_t error_size);
uint64_t journal_lost(struct journal *);

#endif
