#include "zones/monitors/monitor_tcp.h"

#include <stddef.h>

static void check_step(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        const struct script_step *s = out;
        unsigned given = (s->send.data != NULL) + (s->expect.bytes.data != NULL) + (s->expect.regex.text != NULL);

        if (given != 1 || at->count != 1)
                doc_problem(problems, at, NULL,
                            "expected one of send, send_hex, expect, expect_hex and expect_regex in a step");
}

static const struct field step_fields[] = {
        MONITOR_REPLY_FIELDS(script_step, "tcp: "),
        {0},
};
const struct schema script_step_schema = {
        .name = "step of a script", .size = sizeof(struct script_step), .fields = step_fields, .check = check_step};
