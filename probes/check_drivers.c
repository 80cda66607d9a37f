#include "probes/check_run.h"

const struct check_driver *check_driver_of(const struct check *c)
{
        static const struct check_driver *const drivers[] = {
                [MONITOR_HTTP] = &check_http, [MONITOR_HTTPS] = &check_http, [MONITOR_TCP] = &check_tcp,
                [MONITOR_UDP] = &check_udp,   [MONITOR_ICMP] = &check_icmp,  [MONITOR_GRPC] = &check_grpc,
                [MONITOR_DNS] = &check_dns,   [MONITOR_TLS] = &check_tls,    [MONITOR_EXEC] = &check_exec};

        return drivers[c->monitor->type];
}
