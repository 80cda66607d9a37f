#include "base/documents/schema_checks.h"

#include <string.h>

void check_object_name(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:";

        if (!at->count || at->count > OBJECT_NAME_MAX || strspn(at->string, good) != at->count)
                doc_problem(problems, at, NULL,
                            "expected a name of 1 to %d letters, digits, \"-\", \"_\", \".\" or \":\", got \"%s\"",
                            OBJECT_NAME_MAX, at->string);
}

void check_object_names(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        doc_each (one, at)
                check_object_name(one, a, NULL, problems);
}
