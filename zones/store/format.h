/* zones/store/format.h: which format a store has, and raising an older one. Private to the store. */
#ifndef ZONES_STORE_FORMAT_H
#define ZONES_STORE_FORMAT_H

#include "zones/store/store_private.h"

/* Within the transaction that opens the store: a new one gets the format of this program, an older one is raised to it
 * (not by who only reads). false: with the LMDB code in *code, or a message. */
bool format_check(struct store *, MDB_txn *, int *code, char *error, size_t error_size);

#endif
