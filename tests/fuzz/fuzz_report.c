/* Any bytes as a prober's report: memory safe; it is refused with a reason, or it is what it was when it is written and
 * read again. */
#include <stdlib.h>
#include <string.h>
#include "probes/checks/verdict.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct arena *a = arena_new(0);
        struct problems problems = PROBLEMS_INIT;
        char *exact = malloc(size ? size : 1);

        must(exact != NULL);
        memcpy(exact, data, size);
        const struct doc *d = doc_parse(a, exact, size, DOC_JSON, &problems);
        struct report *r = d ? report_from_doc(d, a, &problems) : NULL;
        must(!r == (problems.count != 0));
        if (r) {
                const struct doc *first = report_to_doc(r, a);
                struct report *again = report_from_doc(first, a, &problems);
                must(again && doc_equal(first, report_to_doc(again, a)));
        }
        free(exact);
        problems_free(&problems);
        arena_free(a);
        return 0;
}
