/* zones/store/owner.h: one process at a time writes a store.
 *
 * The file `owner` in the store's directory is locked for as long as its descriptor is open, and holds the number of
 * the process that has it, for people. The kernel lets go of the lock when the process ends, however it ends. */
#ifndef ZONES_STORE_OWNER_H
#define ZONES_STORE_OWNER_H

#include <stdbool.h>
#include <stddef.h>

#define OWNER_FILE "owner"

/* The descriptor that holds the lock, to be closed by the caller; -1 with a message that names who has it. */
int owner_take(const char *directory, char *error, size_t error_size);
/* Whether some process has it: a message that names it, as owner_take gives it. Takes nothing and makes no file. */
bool owner_taken(const char *directory, char *who, size_t who_size);

#endif
