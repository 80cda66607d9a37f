/* Fields that belong to one type of monitor: what is sent, asked or run, and what comes back. */
#include <stddef.h>
#include <string.h>
#include "zones/dns/name.h"
#include "zones/dns/numbers.h"
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
#define BYTES_FIELDS(of, prefix)                                                                                       \
        OPTIONAL_CUSTOM("send", of, send, struct bytes, check_bytes,                                                   \
                        prefix "text to send; write \"\\r\\n\" in double quotes for an end of line"),                  \
                OPTIONAL_CUSTOM("send_hex", of, send, struct bytes, check_hex,                                         \
                                prefix "bytes to send, in hexadecimal"),                                               \
                OPTIONAL_CUSTOM("expect", of, expect.bytes, struct bytes, check_bytes, prefix "text that comes back"), \
                OPTIONAL_CUSTOM("expect_hex", of, expect.bytes, struct bytes, check_hex,                               \
                                prefix "bytes that come back, in hexadecimal"),                                        \
                OPTIONAL_STRING("expect_regex", of, expect.regex.text,                                                      \
                                prefix "regular expression (PCRE2) that matches in what comes back",            \
                                .max = 500, .check = check_regex)

static void refuse_both(const struct doc *at, const char *text, const char *hex, struct problems *problems)
{
        if (doc_get(at, text) && doc_get(at, hex))
                doc_problem(problems, at, hex, "expected either this or \"%s\"", text);
}

static void check_step(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        const struct script_step *s = out;
        unsigned given = (s->send.data != NULL) + (s->expect.bytes.data != NULL) + (s->expect.regex.text != NULL);

        if (given != 1 || at->count != 1)
                doc_problem(problems, at, NULL,
                            "expected one of send, send_hex, expect, expect_hex and expect_regex in a step");
}

static const struct field step_fields[] = {
        BYTES_FIELDS(script_step, "tcp: "),
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
        BYTES_FIELDS(monitor_udp, "udp: "),
        {0},
};
const struct schema monitor_udp_schema = {
        .name = "udp", .size = sizeof(struct monitor_udp), .fields = udp_fields, .check = check_udp};

static const struct field grpc_fields[] = {
        STRING("service", monitor_grpc, service, "",
               "grpc: the service whose health is asked for; the server as a whole when empty", .max = 100),
        BOOL("tls", monitor_grpc, tls, false, "grpc: over TLS"),
        {0},
};
const struct schema monitor_grpc_schema = {.name = "grpc", .size = sizeof(struct monitor_grpc), .fields = grpc_fields};

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
        REQUIRED_STRING("name", monitor_dns, name, "dns: the name asked for", .check = check_query_name),
        CUSTOM("type", monitor_dns, type, uint16_t, ONE_TEXT("A"), check_type, "dns: the type asked for"),
        ENUM("transport", monitor_dns, transport, DNS_TRANSPORT_UDP, transports, "dns: over UDP or TCP"),
        BOOL("recursion", monitor_dns, recursion, false, "dns: whether recursion is desired, for resolvers"),
        ENUM("rcode", monitor_dns, rcode, RCODE_NOERROR, rcodes, "dns: the response code that counts as up"),
        STRINGS("answers", monitor_dns, answers, "dns: data, as in a zone file, that must be among the answers",
                .max = 20),
        INT("min_answers", monitor_dns, min_answers, 0, 0, 1000,
            "dns: how many records of the type there must be at least"),
        {0},
};
const struct schema monitor_dns_schema = {
        .name = "dns", .size = sizeof(struct monitor_dns), .fields = query_fields, .check = check_query};

/* --- exec --- */

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
