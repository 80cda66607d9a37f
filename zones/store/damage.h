/* zones/store/damage.h: whether the file of an LMDB holds all that it refers to. Start only. */
#ifndef ZONES_STORE_DAMAGE_H
#define ZONES_STORE_DAMAGE_H

#include <stdbool.h>
#include <stddef.h>

struct MDB_env;

/* A file that is there and empty is not a new one. false with a message. */
bool damage_before_open(const char *directory, char *error, size_t error_size);
/* After the environment was opened, before anything is read: a file that was cut would kill whoever reads behind its
 * end. false with a message. */
bool damage_after_open(struct MDB_env *, const char *directory, char *error, size_t error_size);

/* Instead, for a file that is worth less than a start: a child process reads all of it and writes to its databases of
 * these names, without changing what is in them, so that pages which would end a process end that one. false with a
 * message. */
bool damage_trial(const char *directory, const char *const *names, size_t count, char *error, size_t error_size);

#endif
