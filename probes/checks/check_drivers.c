#include "probes/checks/check_run.h"

const struct check_driver *check_driver_of(const struct check *c)
{
        static const struct check_driver *const drivers[] = {
                [MONITOR_HTTP] = &check_http,       [MONITOR_HTTPS] = &check_http,
                [MONITOR_TCP] = &check_tcp,         [MONITOR_UDP] = &check_udp,
                [MONITOR_ICMP] = &check_icmp,       [MONITOR_GRPC] = &check_grpc,
                [MONITOR_DNS] = &check_dns,         [MONITOR_TLS] = &check_tls,
                [MONITOR_EXEC] = &check_exec,       [MONITOR_AGENT] = &check_agent,
                [MONITOR_METRICS] = &check_metrics, [MONITOR_COMPOSITE] = &check_composite};

        return drivers[c->monitor->type];
}

bool check_is_active(const struct monitor *m)
{
        return m->enabled && m->type != MONITOR_EXTERNAL;
}

bool check_reads_figures(const struct check *c)
{
        bool reads = c->monitor->type == MONITOR_AGENT || c->monitor->type == MONITOR_METRICS;

        for (uint32_t i = 0; i < c->part_count; i++)
                reads |= check_reads_figures(&c->parts[i]);
        return reads;
}

uint32_t check_memories(const struct check *c)
{
        uint32_t count = c->monitor->type == MONITOR_METRICS;

        for (uint32_t i = 0; i < c->part_count; i++)
                count += check_memories(&c->parts[i]);
        return count;
}
