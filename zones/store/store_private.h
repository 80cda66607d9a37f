/* zones/store/store_private.h: what the files of zones/store share. The only header that includes lmdb.h. */
#ifndef ZONES_STORE_STORE_PRIVATE_H
#define ZONES_STORE_STORE_PRIVATE_H

#include <limits.h>
#include <lmdb.h>
#include "zones/store/store.h"

#define STORE_KEY_MAX 511 /* LMDB's */
/* What an operator can do. */
#define STORE_WHEN_DAMAGED                                                                                             \
        "put a copy from a backup in its place, or move the directory away to begin with an empty configuration"
#define HISTORY_BYTES_MAX ((uint64_t)256 << 20) /* of the whole history; the newest is kept whatever it is */
#define HISTORY_BYTES_KEY "history_bytes"       /* how many it has, in meta */

#define NO_DATABASE UINT_MAX /* is not there, and holds nothing; LMDB finds nothing in it either */

struct all_kept;

struct store {
        MDB_env *env;
        MDB_dbi kinds[KIND_COUNT], history, meta, serials, touched, notes; /* notes: not open when read only */
        int owner; /* the descriptor that holds the lock; -1: read only */
        bool read_only;
        uint64_t history_bytes_max; /* HISTORY_BYTES_MAX, but for tests */
        size_t kept_max;            /* likewise KEPT_MAX */
        void *map;                  /* where the file is mapped; NULL: not known */
        struct all_kept *kept;      /* see kept.h */
};

struct store_txn {
        struct store *store;
        MDB_txn *txn;
        MDB_cursor *cursor; /* open while store_each visits: a visit may jump out of it */
        size_t bytes;       /* of documents that were read */
        int failed;         /* the first error of a read; 0: none */
        bool writes;
};

/* "what: reason", and what to do about it, into error; returns the code. Of the configuration. */
int store_error(char *error, size_t size, const char *what, int code);

#endif
