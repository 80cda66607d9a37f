/* tests/unit/must.h: assertions of helpers that benchmarks, fuzzers and other processes use too, outside of tests,
 * where Check knows of no message: it reports nothing when all is well, and writes out what is not. */
#ifndef TESTS_UNIT_MUST_H
#define TESTS_UNIT_MUST_H

#include <check.h>
#include <stdio.h>

#define must(condition, ...)                                                                                           \
        do {                                                                                                           \
                if (!(condition)) {                                                                                    \
                        fprintf(stderr, __VA_ARGS__);                                                                  \
                        fputc('\n', stderr);                                                                           \
                        ck_abort_msg(__VA_ARGS__);                                                                     \
                }                                                                                                      \
        } while (0)
#define must_hold(condition) must(condition, "%s:%d: it does not hold: %s", __FILE__, __LINE__, #condition)

#endif
