#include "zones/monitors/monitor_tls.h"

#include "zones/monitors/monitor_http.h"

static const struct field tls_fields[] = {
        BOOL("verify", monitor_tls, verify, true, "whether the certificate must be valid"),
        OPTIONAL_STRING("ca_file", monitor_tls, ca_file,
                        "PEM file of accepted authorities, on the prober; the system's when not given"),
        OPTIONAL_STRING("name", monitor_tls, name,
                        "name sent (SNI) and looked for in the certificate; `host` when not given",
                        .check = check_one_line),
        OPTIONAL_STRING("cert_file", monitor_tls, cert_file, "PEM file of the client certificate, on the prober"),
        OPTIONAL_STRING("key_file", monitor_tls, key_file, "PEM file of its key, on the prober"),
        INT("min_days_left", monitor_tls, min_days_left, 0, 0, 3650,
            "tls: days that the certificate must be good for; 0: it must be good now"),
        {0},
};
const struct schema monitor_tls_schema = {.name = "tls", .size = sizeof(struct monitor_tls), .fields = tls_fields};
