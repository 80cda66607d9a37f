#include "tests/unit/monitors.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "zones/config/schemas.h"

struct monitor *monitor_make(struct arena *a, const char *fields)
{
        struct problems problems = PROBLEMS_INIT;
        struct monitor *m = ARENA_NEW(a, struct monitor);
        const char *yaml = arena_printf(a, "{name: m, %s}", fields);
        struct doc *d = doc_parse(a, yaml, strlen(yaml), DOC_YAML, &problems);

        if (d)
                schema_decode(&monitor_schema, d, a, m, &problems);
        char *why = problems_text(&problems);
        ck_assert_msg(!problems.count, "%s: %s", yaml, why);
        free(why);
        problems_free(&problems);
        return m;
}
