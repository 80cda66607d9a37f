/* zones/monitors/monitor_tcp.h: what is said over a connection. */
#ifndef ZONES_MONITORS_MONITOR_TCP_H
#define ZONES_MONITORS_MONITOR_TCP_H

#include "zones/monitors/monitor_reply.h"

/* One of the two. */
struct script_step {
        struct bytes send;
        struct reply_expected expect;
};

struct monitor_tcp {
        LIST(struct script_step) script;
};

extern const struct schema script_step_schema;

#endif
