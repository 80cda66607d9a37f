/* zones/store/backup.h: all that a store holds as one text, and back.
 *
 * Lines of JSON: {gslbd_backup, store_format, revision, revision_time, time, digest}, then each document {kind, key,
 * document} as it is stored, then each zone's serial {serial, value, contents}, at last {lines, sha256} over all lines
 * before. It holds all kinds, tokens as hashes; not the history, the journal, nor what the node notes for itself. */
#ifndef ZONES_STORE_BACKUP_H
#define ZONES_STORE_BACKUP_H

#include "base/pieces.h"
#include "zones/store/store.h"

#define BACKUP_FORMAT 1
#define BACKUP_MAX    ((size_t)256 << 20)

struct backup {
        uint64_t revision;
        const char *digest;     /* as the first line says; NULL: made of a store that kept none */
        struct change *changes; /* its documents */
        size_t count;
        struct backup_serial {
                const char *zone;
                struct zone_serial kept;
        } * serials;
        size_t serial_count;
};

/* The text of the store as it is now, whatever is changed while somebody takes it; see walk.h. It ends before the store
 * is closed. NULL with a message. */
struct pieces *backup_pieces(struct store *, int64_t now_ms, uint64_t *revision, char *error, size_t error_size);
/* Whether the text is a whole, undamaged backup that this program knows; false with what it is instead. */
bool backup_check(const char *text, size_t length, char *error, size_t error_size);
/* Checks it, too. What is read lives in the arena. */
bool backup_read(const char *text, size_t length, struct arena *, struct backup *, char *error, size_t error_size);
/* Whether its documents come to the digest that it says; false with a message. It can be restored all the same. */
bool backup_digest_check(const struct backup *, char *error, size_t error_size);
/* The changes that make what is stored to what the backup holds. false: the store could not be read (store_is_whole).
 */
bool backup_changes(struct store_txn *, const struct backup *, struct arena *, struct change **, size_t *count);

#endif
