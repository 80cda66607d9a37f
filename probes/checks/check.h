/* probes/checks/check.h: what is checked and how. */
#ifndef PROBES_CHECKS_CHECK_H
#define PROBES_CHECKS_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include "base/address.h"
#include "zones/monitors/monitor.h"

/* One check of one endpoint. All it points to lives in the arena of its plan. */
struct check {
        const char *id; /* "pool/endpoint" */
        const struct monitor *monitor;
        struct address address; /* family ADDRESS_NONE: use `host_name` */
        const char *host_name;  /* of a CNAME endpoint, resolved by the prober */
        uint16_t port;
        const struct check *parts; /* of a composite monitor, in its order */
        uint32_t part_count;
        const char *const *probers; /* names of those that do it; not sent to them */
        uint32_t prober_count;      /* 0: all */
        uint32_t number;            /* the endpoint's, to whoever made the plan; not sent */
};

/* Whether probers do anything for it: it is enabled, and not external. */
bool check_is_active(const struct monitor *);
/* Whether it may read figures of its endpoint, itself or in a part. */
bool check_reads_figures(const struct check *);

#endif
