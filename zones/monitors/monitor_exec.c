#include "zones/monitors/monitor_exec.h"

#include <string.h>

/* A plain file name: where it may lie is the prober's business. */
static void check_program(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        if (!at->count || strchr(at->string, '/') || at->string[0] == '.')
                doc_problem(problems, at, NULL, "expected the name of a file in the prober's directory of programs");
}

static const struct field exec_fields[] = {
        REQUIRED_STRING("program", monitor_exec, program,
                        "exec: a file in the directory that the prober's settings allow", .max = 200,
                        .check = check_program),
        STRINGS("arguments", monitor_exec, arguments, "exec: its arguments", .max = 50),
        {0},
};
const struct schema monitor_exec_schema = {.name = "exec", .size = sizeof(struct monitor_exec), .fields = exec_fields};
