/* tests/unit/scratch.h: a directory of a test's own, and a store in it. What fails ends the test. */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

#include <stdbool.h>
#include "zones/store/store.h"

#define SCRATCH_PATH 40

void scratch_make(char path[SCRATCH_PATH], const char *name); /* name: of up to 16 characters */
void scratch_remove(const char *path);                        /* with all that is in it, or is nothing */
struct store *scratch_store(const char *path, bool read_only);

#endif
