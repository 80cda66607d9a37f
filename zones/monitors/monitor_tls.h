/* zones/monitors/monitor_tls.h: certificates, for the types that speak TLS. */
#ifndef ZONES_MONITORS_MONITOR_TLS_H
#define ZONES_MONITORS_MONITOR_TLS_H

#include <stdbool.h>
#include <stdint.h>
#include "base/documents/schema.h"

struct monitor_tls {
        bool verify;
        const char *ca_file;              /* NULL: the system's */
        const char *name;                 /* SNI and certificate name; NULL: host */
        const char *cert_file, *key_file; /* of a client certificate; NULL: none */
        int64_t min_days_left;
};

extern const struct schema monitor_tls_schema;

#endif
