/* zones/store/journal_private.h: what zones/store/journal*.c share. */
#ifndef ZONES_STORE_JOURNAL_PRIVATE_H
#define ZONES_STORE_JOURNAL_PRIVATE_H

#include <pthread.h>
#include "zones/store/journal.h"
#include "zones/store/store_private.h"

struct entry {
        struct entry *next;
        uint64_t number;
        size_t length;
        unsigned char data[];
};

/* Oldest first. */
struct entries {
        struct entry *first, **end;
        size_t count;
};

struct journal {
        MDB_env *env;
        MDB_dbi entries, meta;
        uint64_t keep;
        pthread_t writer;

        pthread_mutex_t lock; /* of all below */
        pthread_cond_t wake, done;
        struct entries waiting, writing; /* `writing` is older; both are read */
        uint64_t last, reserved, lost;   /* `reserved`: as on disk */
        uint64_t on_disk;                /* the newest entry that is */
        bool closing, hurry;
        uint64_t tries; /* commits tried */
        char error[JOURNAL_ERROR_MAX];
};

/* The number at one end of what is on disk; 0: nothing is. */
uint64_t journal_stored_end(struct journal *, MDB_txn *, MDB_cursor_op which);
/* "what: reason" into error. */
void journal_error(char *error, size_t error_size, const char *what, int code);

#endif
