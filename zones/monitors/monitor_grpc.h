/* zones/monitors/monitor_grpc.h: which service of a server is asked for. */
#ifndef ZONES_MONITORS_MONITOR_GRPC_H
#define ZONES_MONITORS_MONITOR_GRPC_H

#include <stdbool.h>
#include "base/documents/schema.h"

struct monitor_grpc {
        const char *service; /* "": the server as a whole */
        bool tls;
};

extern const struct schema monitor_grpc_schema;

#endif
