/* tests/fuzz/must.h: what a harness holds true of every input. */
#ifndef TESTS_FUZZ_MUST_H
#define TESTS_FUZZ_MUST_H

#include <stdio.h>
#include <stdlib.h>

#define must(condition)                                                                                                \
        do {                                                                                                           \
                if (!(condition)) {                                                                                    \
                        fprintf(stderr, "not so: %s\n", #condition);                                                   \
                        abort();                                                                                       \
                }                                                                                                      \
        } while (0)

#endif
