#include "zones/monitors/monitor_dns.h"

#include <stddef.h>
#include "zones/dns/name.h"
#include "zones/dns/numbers.h"
#include "zones/dns/rdata.h"

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
