/* tests/unit/suite.h: what every test program ends with. */
#ifndef TESTS_UNIT_SUITE_H
#define TESTS_UNIT_SUITE_H

#include <check.h>
#include <stdlib.h>

/* Runs a suite; returns the exit status of the program. */
static inline int run_suite(Suite *s)
{
        SRunner *runner = srunner_create(s);

        srunner_run_all(runner, CK_NORMAL);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
