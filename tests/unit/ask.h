/* tests/unit/ask.h: asks answer() a question built byte by byte, and reads the reply with ldns, which is not ours. */
#ifndef TESTS_UNIT_ASK_H
#define TESTS_UNIT_ASK_H

#include <ldns/ldns.h>
#include "gslbd/answer/answer.h"
#include "zones/dns/numbers.h"
#include "zones/dns/name.h"
#include "tests/unit/world.h"

struct ask {
        const char *name;
        uint16_t type;
        uint16_t class; /* 0: IN */
        uint16_t flags; /* of the header, with the opcode */
        enum transport transport;
        const char *from; /* NULL: 198.51.100.1 */
        bool edns, dnssec_ok;
        uint8_t version;
        uint16_t udp_size;   /* 0: 1232 */
        const char *options; /* EDNS options in hexadecimal, spaces between */
        const char *after;   /* more bytes behind the question, in hexadecimal, counted as one additional record */
        const struct answer_settings *settings; /* NULL: all off */
        bool busy;
        uint32_t now_s;
};

struct told {
        uint8_t wire[ANSWER_REPLY_MAX];
        size_t length;
        ldns_pkt *packet; /* NULL: no reply, or ldns cannot read it */
};

/* The reply; told_free it. */
struct told *ask(struct world *, const struct ask *);
struct told *ask_bytes(struct world *, const struct ask *, const uint8_t *request, size_t length);
size_t ask_build(const struct ask *, uint8_t request[4096]);
void told_free(struct told *);

unsigned told_rcode(const struct told *); /* extended */
/* A section's records as text, one a line, fields apart by one space; OPT is not shown. Static memory. */
const char *told_section(const struct told *, ldns_pkt_section);
/* An EDNS option's data in hexadecimal, "" when empty, NULL when absent. Static memory. */
const char *told_option(const struct told *, uint16_t code);

#define ck_rcode(told, rcode)       ck_assert_uint_eq(told_rcode(told), (rcode))
#define ck_answers(told, text)      ck_assert_str_eq(told_section((told), LDNS_SECTION_ANSWER), (text))
#define ck_authority(told, text)    ck_assert_str_eq(told_section((told), LDNS_SECTION_AUTHORITY), (text))
#define ck_additional(told, text)   ck_assert_str_eq(told_section((told), LDNS_SECTION_ADDITIONAL), (text))
#define ck_option(told, code, text) ck_assert_pstr_eq(told_option((told), (code)), (text))

#endif
