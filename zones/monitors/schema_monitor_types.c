/* Fields that belong to one type of monitor: what is sent, asked or run, and what comes back. */
#include <stddef.h>
#include <string.h>
#include "zones/dns/name.h"
#include "zones/dns/rdata.h"
#include "zones/monitors/schema_monitors.h"

#define BYTES_MAX 1024 /* of what is sent or expected, each */

static void check_bytes(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct bytes *bytes = out;

        if (at->type != DOC_STRING || !at->count || at->count > BYTES_MAX)
                doc_problem(problems, at, NULL, "expected text of 1 to %d bytes", BYTES_MAX);
        else
                *bytes = (struct bytes){(const uint8_t *)arena_strdup(a, at->string), at->count};
}

static int digit(char c)
{
        static const char digits[] = "0123456789abcdef";
        const char *found = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

        return found ? (int)(found - digits) : -1;
}

/* "0a0b" or "0a 0b". */
static void check_hex(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct bytes *bytes = out;
        uint8_t data[BYTES_MAX];
        uint32_t length = 0;
        bool good = at->type == DOC_STRING && at->count;

        for (const char *c = good ? at->string : ""; good && *c; c++) {
                if (*c == ' ')
                        continue;
                int high = digit(c[0]), low = high < 0 ? -1 : digit(c[1]);
                good = low >= 0 && length < BYTES_MAX;
                if (good)
                        data[length++] = (uint8_t)(high << 4 | low), c++;
        }
        if (good)
                *bytes = (struct bytes){arena_memdup(a, data, length), length};
        else
                doc_problem(problems, at, NULL, "expected pairs of hexadecimal digits for 1 to %d bytes", BYTES_MAX);
}

/* Text and hexadecimal stand for the same member: one of them is given. */
#define BYTES_FIELDS(prefix, send_member, expect_member)                                                               \
        {.name = "send",                                                                                               \
         .type = FIELD_DOC,                                                                                            \
         .offset = send_member,                                                                                        \
         .check = check_bytes,                                                                                         \
         .help = prefix "text to send; write \"\\r\\n\" in double quotes for an end of line"},                         \
                {.name = "send_hex",                                                                                   \
                 .type = FIELD_DOC,                                                                                    \
                 .offset = send_member,                                                                                \
                 .check = check_hex,                                                                                   \
                 .help = prefix "bytes to send, in hexadecimal"},                                                      \
                {.name = "expect",                                                                                     \
                 .type = FIELD_DOC,                                                                                    \
                 .offset = expect_member + offsetof(struct reply_expected, bytes),                                     \
                 .check = check_bytes,                                                                                 \
                 .help = prefix "text that comes back"},                                                               \
                {.name = "expect_hex",                                                                                 \
                 .type = FIELD_DOC,                                                                                    \
                 .offset = expect_member + offsetof(struct reply_expected, bytes),                                     \
                 .check = check_hex,                                                                                   \
                 .help = prefix "bytes that come back, in hexadecimal"},                                               \
        {                                                                                                              \
                .name = "expect_regex", .type = FIELD_STRING,                                                          \
                .offset = expect_member + offsetof(struct reply_expected, regex), .max = 500, .check = check_regex,    \
                .help = prefix "POSIX extended regular expression that matches in what comes back"                     \
        }

static void refuse_both(const struct doc *at, const char *text, const char *hex, struct problems *problems)
{
        if (doc_get(at, text) && doc_get(at, hex))
                doc_problem(problems, at, hex, "expected either this or \"%s\"", text);
}

static void check_step(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        const struct script_step *s = out;
        unsigned given = (s->send.data != NULL) + (s->expect.bytes.data != NULL) + (s->expect.regex != NULL);

        if (given != 1 || at->count != 1)
                doc_problem(problems, at, NULL,
                            "expected one of send, send_hex, expect, expect_hex and expect_regex in a step");
}

static const struct field step_fields[] = {
        BYTES_FIELDS("tcp: ", offsetof(struct script_step, send), offsetof(struct script_step, expect)),
        {0},
};
const struct schema script_step_schema = {
        .name = "step of a script", .size = sizeof(struct script_step), .fields = step_fields, .check = check_step};

static void check_udp(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        refuse_both(at, "send", "send_hex", problems);
        refuse_both(at, "expect", "expect_hex", problems);
}

static const struct field udp_fields[] = {
        BYTES_FIELDS("udp: ", INNER(monitor, udp, send), INNER(monitor, udp, expect)),
        {0},
};
const struct schema udp_schema = {
        .name = "udp", .size = INNER_SIZE(monitor, udp), .fields = udp_fields, .check = check_udp};

static const struct field grpc_fields[] = {
        {.name = "service",
         .type = FIELD_STRING,
         .offset = INNER(monitor, grpc, service),
         .fallback = "\"\"",
         .max = 100,
         .help = "grpc: the service whose health is asked for; the server as a whole when empty"},
        {.name = "tls",
         .type = FIELD_BOOL,
         .offset = INNER(monitor, grpc, tls),
         .fallback = "false",
         .help = "grpc: over TLS"},
        {0},
};
const struct schema grpc_schema = {.name = "grpc", .size = INNER_SIZE(monitor, grpc), .fields = grpc_fields};

/* --- dns --- */

static const char *const transports[] = {"udp", "tcp", NULL};
static const char *const rcodes[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", NULL};

static void check_query_name(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        uint8_t wire[NAME_WIRE_MAX];
        const char *why = NULL;

        if (!name_parse(at->string, (const uint8_t *)"", wire, &why))
                doc_problem(problems, at, NULL, "expected a domain name: %s", why);
}

static void check_type(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        uint16_t type = at->type == DOC_STRING ? rdata_type(at->string) : 0;

        if (type)
                *(uint16_t *)out = type;
        else
                doc_problem(problems, at, NULL, "expected a record type such as A, SOA or TXT");
}

static void check_query(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        const struct doc *type = doc_get(at, "type"), *answers = doc_get(at, "answers");
        struct arena *scratch = arena_new(0);
        char error[200];

        for (const struct doc *one = answers ? answers->first : NULL; one; one = one->next)
                if (!rdata_parse(rdata_type(type ? type->string : "A"), one->string, (const uint8_t *)"", scratch,
                                 error, sizeof(error)))
                        doc_problem(problems, one, NULL, "%s", error);
        arena_free(scratch);
}

static const struct field query_fields[] = {
        {.name = "name",
         .type = FIELD_STRING,
         .offset = INNER(monitor, dns, name),
         .required = true,
         .check = check_query_name,
         .help = "dns: the name asked for"},
        {.name = "type",
         .type = FIELD_DOC,
         .offset = INNER(monitor, dns, type),
         .fallback = "\"A\"",
         .check = check_type,
         .help = "dns: the type asked for"},
        {.name = "transport",
         .type = FIELD_ENUM,
         .offset = INNER(monitor, dns, transport),
         .fallback = "\"udp\"",
         .names = transports,
         .help = "dns: over UDP or TCP"},
        {.name = "recursion",
         .type = FIELD_BOOL,
         .offset = INNER(monitor, dns, recursion),
         .fallback = "false",
         .help = "dns: whether recursion is desired, for resolvers"},
        {.name = "rcode",
         .type = FIELD_ENUM,
         .offset = INNER(monitor, dns, rcode),
         .fallback = "\"NOERROR\"",
         .names = rcodes,
         .help = "dns: the response code that counts as up"},
        {.name = "answers",
         .type = FIELD_STRINGS,
         .offset = INNER(monitor, dns, answers),
         .fallback = "[]",
         .max = 20,
         .help = "dns: data, as in a zone file, that must be among the answers"},
        {.name = "min_answers",
         .type = FIELD_INT,
         .offset = INNER(monitor, dns, min_answers),
         .fallback = "0",
         .min = 0,
         .max = 1000,
         .help = "dns: how many records of the type there must be at least"},
        {0},
};
const struct schema dns_query_schema = {
        .name = "dns", .size = INNER_SIZE(monitor, dns), .fields = query_fields, .check = check_query};

/* --- exec --- */

/* A plain file name: where it may lie is the prober's business. */
static void check_program(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        if (!at->count || strchr(at->string, '/') || at->string[0] == '.')
                doc_problem(problems, at, NULL, "expected the name of a file in the prober's directory of programs");
}

static const struct field exec_fields[] = {
        {.name = "program",
         .type = FIELD_STRING,
         .offset = INNER(monitor, exec, program),
         .required = true,
         .max = 200,
         .check = check_program,
         .help = "exec: a file in the directory that the prober's settings allow"},
        {.name = "arguments",
         .type = FIELD_STRINGS,
         .offset = INNER(monitor, exec, arguments),
         .fallback = "[]",
         .max = 50,
         .help = "exec: its arguments"},
        {0},
};
const struct schema exec_schema = {.name = "exec", .size = INNER_SIZE(monitor, exec), .fields = exec_fields};
