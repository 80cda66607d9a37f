/* zones/monitors/monitor_udp.h: what a datagram says, and the one that comes back. */
#ifndef ZONES_MONITORS_MONITOR_UDP_H
#define ZONES_MONITORS_MONITOR_UDP_H

#include "zones/monitors/monitor_reply.h"

struct monitor_udp {
        struct bytes send;
        struct reply_expected expect; /* nothing: any reply */
};

extern const struct schema monitor_udp_schema;

#endif
