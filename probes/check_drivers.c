#include "probes/check_run.h"

const struct check_driver *check_driver_of(const struct check *c)
{
        switch ((enum monitor_type)c->monitor->type) {
        case MONITOR_HTTP:
        case MONITOR_HTTPS:
                return &check_http;
        case MONITOR_TCP:
                break;
        }
        return &check_tcp;
}
