#include "zones/monitors/monitor_udp.h"

#include <stddef.h>

static void refuse_both(const struct doc *at, const char *text, const char *hex, struct problems *problems)
{
        if (doc_get(at, text) && doc_get(at, hex))
                doc_problem(problems, at, hex, "expected either this or \"%s\"", text);
}

static void check_udp(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        refuse_both(at, "send", "send_hex", problems);
        refuse_both(at, "expect", "expect_hex", problems);
}

static const struct field udp_fields[] = {
        MONITOR_REPLY_FIELDS(monitor_udp, "udp: "),
        {0},
};
const struct schema monitor_udp_schema = {
        .name = "udp", .size = sizeof(struct monitor_udp), .fields = udp_fields, .check = check_udp};
