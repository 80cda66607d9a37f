/* tests/unit/faults.h: what the world does to a process: its disk is full, its memory ends. */
#ifndef TESTS_UNIT_FAULTS_H
#define TESTS_UNIT_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

/* No file grows beyond what a store has at least, until it is taken back. The caller ignores SIGXFSZ. */
void fault_disk_full(bool full);

/* From now on each arena whose owner can cope with that (arena_on_failure) gives so many bytes more and then fails;
 * 0: as many as are asked for. Only in programs that are linked with --wrap=arena_on_failure. Any thread may be the
 * one that fails. */
void fault_memory_ends(size_t after);
/* How many arenas were given so little since the last call. */
unsigned fault_memory_short(void);

#endif
