/* base/conditions/condition_private.h: a condition as a tree; nobody else includes it. */
#ifndef BASE_CONDITIONS_CONDITION_PRIVATE_H
#define BASE_CONDITIONS_CONDITION_PRIVATE_H

#include "base/conditions/condition.h"

#define COMPARES(X)                                                                                                    \
        X(COMPARE_ABOVE, ">")                                                                                          \
        X(COMPARE_AT_LEAST, ">=")                                                                                      \
        X(COMPARE_BELOW, "<")                                                                                          \
        X(COMPARE_AT_MOST, "<=")                                                                                       \
        X(COMPARE_IS, "=")                                                                                             \
        X(COMPARE_IS_NOT, "!=")
enum compare { COMPARES(NAMED_VALUE) };

enum condition_kind { CONDITION_COMPARES, CONDITION_NOT, CONDITION_AND, CONDITION_OR, CONDITION_FOR };

struct condition {
        enum condition_kind kind;
        struct condition *left, *right; /* right: of AND and OR */
        /* CONDITION_COMPARES */
        struct measure figure;
        enum compare compare;
        double number;
        bool share;
        struct measure_value value; /* as it was looked at last */
        bool known;
        /* CONDITION_FOR */
        uint64_t for_ms, since_ms;
        bool holding; /* what it is about holds since then */
};

#endif
