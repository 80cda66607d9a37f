/* gslbd/answer/query.h: a request, taken apart. Answer path: no allocation, every length checked. */
#ifndef GSLBD_ANSWER_QUERY_H
#define GSLBD_ANSWER_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/address.h"
#include "zones/dns/numbers.h"
#include "zones/dns/name.h"

/* EDNS Client Subnet as it stands in the request (RFC 7871 6). */
struct ecs {
        bool present;
        uint16_t family; /* IANA address family: 1, 2; 0 with SOURCE 0 */
        uint8_t source;  /* SOURCE PREFIX-LENGTH */
        uint8_t bytes[16];
};

enum parse_result {
        PARSE_OK,
        PARSE_DROP,    /* no header, or a reply: answer nothing */
        PARSE_HEADER,  /* only the header could be read: `rcode` without a question */
        PARSE_COOKIE,  /* no question but a cookie: asks for ours (RFC 7873 5.4) */
        PARSE_QUESTION /* the question could be read: `rcode` with it */
};

struct query {
        enum parse_result parsed;
        enum dns_rcode rcode; /* what to answer with PARSE_HEADER and PARSE_QUESTION */
        uint16_t flags;       /* of the header */
        uint8_t opcode;
        uint16_t type, class;
        uint8_t name[NAME_WIRE_MAX]; /* lower case */
        unsigned name_length;
        unsigned question_end; /* where the question ends in the request */
        bool edns;
        bool nsid, keepalive, padding, zoneversion; /* RFC 5001, 7828, 7830, 9660: asked for */
        const uint8_t *cookie; /* RFC 7873: the first COOKIE option's data in the request; NULL: none */
        uint8_t cookie_length; /* 8, or 16 to 40 */
        uint8_t edns_version;
        bool dnssec_ok;
        uint16_t udp_size; /* announced */
        struct ecs ecs;
        size_t tsig_at; /* where its TSIG record begins, the last of all (RFC 8945 5.1); 0: not signed */
};

/* Takes the request apart. Pointers in the query lead into it. */
void query_parse(const uint8_t *request, size_t length, struct query *);

#endif
