/* zones/store/writer.h: the thread that writes revisions, so that nobody else waits for a disk.
 *
 * It is given a batch, writes it as one transaction, and wakes who gave it. One batch at a time. While it has one, no
 * other write transaction is begun in this process; reading goes on. Control thread, but for the call that wakes. */
#ifndef ZONES_STORE_WRITER_H
#define ZONES_STORE_WRITER_H

#include "zones/store/store.h"

struct store_writer;

/* A zone's serial that goes with a batch. */
struct serial_change {
        const char *zone;
        struct zone_serial serial;
};

/* A time that a node writes down for itself; see note.h. */
struct note_change {
        const char *name;
        int64_t time_ms; /* 0: takes the note away */
};

struct store_batch {
        const struct revision *const *revisions; /* in the order of their numbers */
        size_t count;
        const struct serial_change *serials;
        size_t serial_count;
        const struct note_change *notes;
        size_t note_count;
        /* When it is done: */
        bool good; /* all of it is on disk; else nothing is */
        char error[STORE_ERROR_MAX];
};

/* `wake` is called on the writer's thread when a batch is done. NULL with `error`. */
struct store_writer *store_writer_start(struct store *, void (*wake)(void *context), void *context, char *error,
                                        size_t error_size);
/* What was given is written first. NULL is allowed. */
void store_writer_stop(struct store_writer *);

/* The batch and all it points to stay untouched until it is taken back. */
void store_writer_give(struct store_writer *, struct store_batch *);
/* The batch that is done; NULL: it is not yet, or there is none. */
struct store_batch *store_writer_take(struct store_writer *);
/* The same, but waits for it. */
struct store_batch *store_writer_wait(struct store_writer *);

#endif
