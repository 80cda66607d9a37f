#include "zones/monitors/monitor_grpc.h"

#include <stddef.h>

static const struct field grpc_fields[] = {
        STRING("service", monitor_grpc, service, "",
               "grpc: the service whose health is asked for; the server as a whole when empty", .max = 100),
        BOOL("tls", monitor_grpc, tls, false, "grpc: over TLS"),
        {0},
};
const struct schema monitor_grpc_schema = {.name = "grpc", .size = sizeof(struct monitor_grpc), .fields = grpc_fields};
