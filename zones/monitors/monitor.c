#include "zones/monitors/monitor.h"

const char *const state_names[] = {STATES(NAMED_TEXT, SILENT) NULL};

static uint16_t default_port(const struct monitor *m)
{
        switch ((enum monitor_type)m->type) {
        case MONITOR_HTTP:
                return 80;
        case MONITOR_HTTPS:
        case MONITOR_TLS:
                return 443;
        case MONITOR_METRICS:
                return m->metrics.https ? 443 : 80;
        case MONITOR_DNS:
                return 53;
        case MONITOR_TCP:
        case MONITOR_UDP:
        case MONITOR_GRPC:
        case MONITOR_AGENT:
        case MONITOR_ICMP:
        case MONITOR_EXEC:
        case MONITOR_EXTERNAL:
        case MONITOR_COMPOSITE:
                break;
        }
        return 0;
}

uint16_t monitor_port(const struct monitor *m, int64_t endpoint_port, bool is_part)
{
        bool own = is_part || m->type == MONITOR_AGENT || m->type == MONITOR_METRICS;
        int64_t first = own ? m->port : endpoint_port, then = own ? endpoint_port : m->port;

        return first ? (uint16_t)first : then ? (uint16_t)then : default_port(m);
}

bool monitor_needs_port(const struct monitor *m)
{
        return m->type != MONITOR_ICMP && m->type != MONITOR_EXEC && m->type != MONITOR_EXTERNAL &&
               m->type != MONITOR_COMPOSITE;
}
