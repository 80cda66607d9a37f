/* zones/store/store.h: the configuration on disk; the one place that knows LMDB.
 *
 * Documents by kind and key as JSON text exactly as written, and the history of revisions. One transaction is one
 * revision. One process writes (the control thread of gslbd); any number of processes and threads read. After
 * `store_commit` returned true the revision is on disk (fsync). */
#ifndef ZONES_STORE_STORE_H
#define ZONES_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/documents/doc.h"
#include "base/documents/problems.h"
#include "zones/store/kind.h"

struct store;
struct store_txn;

#define STORE_FORMAT    4 /* of the database; an older one is taken over, a newer one is refused with a clear message */
#define STORE_ERROR_MAX 512

/* Opens or makes the store in directory `path` (made with mode 0700). `read_only` for a second process; who writes is
 * its only owner while it is open (zones/store/owner.h). A damaged file is refused before anything is read from it.
 * Returns NULL with a message in `error`. */
struct store *store_open(const char *path, bool read_only, char *error, size_t error_size);
void store_close(struct store *);

struct change {
        enum kind kind;
        const char *key;
        const struct doc *document; /* NULL: delete */
};

struct revision {
        uint64_t number; /* the store's last + 1; a restore goes above the backup's, too */
        int64_t time_ms;
        const char *author, *comment;
        struct change *changes;
        size_t change_count;
        const struct doc *forced; /* texts: what stood against it, see store_forced; NULL: nothing did */
        const char *reason;       /* why it was made all the same */
};

/* A read transaction; keep it short. A write transaction; there is one at a time, on the control thread.
 * NULL with a message on failure. */
struct store_txn *store_read(struct store *, char *error, size_t error_size);
struct store_txn *store_write(struct store *, char *error, size_t error_size);
void store_end(struct store_txn *); /* ends a read; aborts a write */
/* Commits; ends the transaction either way. false: nothing was written (disk full, I/O error, a read before that
 * failed). */
bool store_commit(struct store_txn *, char *error, size_t error_size);

uint64_t store_revision(struct store_txn *);     /* number of the last revision, 0 when empty */
int64_t store_revision_time(struct store_txn *); /* wall time in ms of the last revision, 0 when there is none */

/* Whether all that was read in this transaction could be read; false with a message. */
bool store_is_whole(const struct store_txn *, char *error, size_t error_size);

/* One document, or NULL: there is none, or (store_is_whole tells) it could not be read. */
struct doc *store_get(struct store_txn *, enum kind, const char *key, struct arena *);
/* Whether the document is there and its text is just this: quicker than reading it. */
bool store_holds(struct store_txn *, enum kind, const char *key, const char *json, size_t length);
bool store_has(struct store_txn *, enum kind, const char *key); /* whatever it is */
/* All documents of a kind in key order, starting behind `after` (NULL: from the first). `visit` returns false to stop;
 * it may jump out, and may read, but not call store_each with this transaction, whose one cursor that takes away. The
 * text is valid during the call only. false: the store could not be read to the end (logged), and what was visited is
 * not all. */
typedef bool store_visit(void *context, const char *key, const char *json, size_t length);
bool store_each(struct store_txn *, enum kind, const char *after, store_visit *, void *context);

/* What is stored as one number, kept up with each change; see zones/store/digest.h. */
struct digest {
        uint64_t low, high;
};
#define DIGEST_TEXT 33
char *digest_text(const struct digest *, char out[DIGEST_TEXT]); /* lower-case hex; returns it */
bool digest_equal(const struct digest *, const struct digest *);
bool store_digest(struct store_txn *, struct digest *); /* false: none is kept, by an older program */
/* Summed up from all documents. false: as store_each. */
bool store_digest_afresh(struct store_txn *, struct digest *);
/* false with a message: the one that is kept is not that. Reads everything. */
bool store_digest_check(struct store_txn *, char *error, size_t error_size);

/* The serial of a zone, and a digest of the contents that have it. Kept when the zone is deleted. */
struct zone_serial {
        uint32_t serial;
        uint64_t contents[2];
};
bool store_serial(struct store_txn *, const char *zone, struct zone_serial *); /* false: none is kept */
/* false with a message: as store_apply. */
bool store_serial_set(struct store_txn *, const char *zone, const struct zone_serial *, char *error, size_t error_size);

/* Applies a revision inside a write transaction: documents and history, nothing else; looks at no clock, random number
 * or network. false with a message: the transaction must be ended. */
bool store_apply(struct store_txn *, const struct revision *, char *error, size_t error_size);
/* Writes into the history of a revision that was applied in this transaction what was forced with it (texts), and why
 * ("": nobody asked). false with a message: as store_apply. */
bool store_forced(struct store_txn *, uint64_t number, const char *reason, const struct doc *forced, char *error,
                  size_t error_size);

/* A change of an item of the configuration. */
struct touch {
        uint64_t revision;
        int64_t time_ms;    /* wall time, 0: not known */
        const char *author; /* "": not known; then `revision` is the last that it can have been */
};
/* The last change of an item, be it there or deleted, by another author than `author` (may be NULL). false: there is
 * none after revision `since`. Deletions that the history has let go of are not known. */
bool store_touched(struct store_txn *, enum kind, const char *key, uint64_t since, const char *author, struct arena *,
                   struct touch *);

/* History, newest first, from `before` (0: the newest) at most `limit`. {number, time, author, comment, count, changes:
 * [{kind, key, old, new, fields}], reason, forced: [text]}: the last two where something was forced; `old` and `new`
 * hold what a change took and put, without what stayed; `fields` is the exact difference (zones/store/difference.h)
 * where there was a document before and after. */
struct doc *store_history(struct store_txn *, uint64_t before, unsigned limit, bool with_changes, struct arena *);
struct doc *store_history_one(struct store_txn *, uint64_t number, struct arena *); /* NULL: none */
/* The changes that bring what is meant, and nothing else, back to what it was after revision `number`. false with a
 * message: the history does not go back so far. */
enum back {
        BACK_CONFIGURATION, /* all kinds of CLASS_CONFIGURATION */
        BACK_DRAINS,        /* and drains */
        BACK_STATE,         /* and holds: all that an answer depends on */
};
bool store_rollback_changes(struct store_txn *, uint64_t number, enum back, struct arena *, struct change **,
                            size_t *count, char *error, size_t error_size);

/* The newest revision that was made by then; number 0: it is not kept, and *oldest is the oldest that is (number 0:
 * none is). Costs a look at some. false: the store could not be read (store_is_whole). */
struct revision_time {
        uint64_t number;
        int64_t time_ms; /* wall time */
};
bool store_revision_at(struct store_txn *, int64_t wall_ms, struct revision_time *, struct revision_time *oldest);

/* A change of an item by a later revision. */
struct later {
        uint64_t number;
        const char *author, *time;
        const struct doc *before, *after;
        const struct later *next; /* oldest first */
};
/* An item that a revision changed: as it was before and after, as it is now (NULL: none), and what changed it since. */
struct undo {
        enum kind kind;
        const char *key;
        const struct doc *before, *after, *now;
        const struct later *steps;
};
/* The items of CLASS_CONFIGURATION that a revision changed. false with a message: it is not in the history. */
bool store_undo(struct store_txn *, uint64_t number, struct arena *, struct undo **, size_t *count, char *error,
                size_t error_size);

#endif
