/* zones/monitors/monitor_dns.h: what a name server is asked, and what it has to answer. */
#ifndef ZONES_MONITORS_MONITOR_DNS_H
#define ZONES_MONITORS_MONITOR_DNS_H

#include <stdbool.h>
#include <stdint.h>
#include "base/documents/schema.h"

enum dns_transport { DNS_TRANSPORT_UDP, DNS_TRANSPORT_TCP };

struct monitor_dns {
        const char *name; /* NULL: not given */
        uint16_t type;
        int transport; /* enum dns_transport */
        bool recursion;
        int rcode;
        struct strings answers; /* data in presentation form, each must be there */
        int64_t min_answers;
};

extern const struct schema monitor_dns_schema;

#endif
