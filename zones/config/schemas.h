/* zones/config/schemas.h: the tables of all kinds (zones/config/schema_*.c), and checks that they share. */
#ifndef ZONES_CONFIG_SCHEMAS_H
#define ZONES_CONFIG_SCHEMAS_H

#include "base/documents/schema.h"
#include "base/documents/schema_checks.h"
#include "zones/monitors/monitor.h"

extern const struct schema region_schema, network_schema, pool_schema, zone_schema, service_schema, prober_schema,
        rules_schema, token_schema, drain_schema, hold_schema, confirm_schema, shift_schema;

/* Names of zones and services: domain names, absolute with or without the dot. */
void check_domain_name(const struct doc *at, struct arena *, void *out, struct problems *);

/* RFC 3339 text: int64_t, wall time in ms. */
void check_time(const struct doc *at, struct arena *, void *out, struct problems *);
/* A condition, base/conditions/condition.h. */
void check_condition(const struct doc *at, struct arena *, void *out, struct problems *);
/* The steps of a shift: LIST(int64_t) from its items on. */
void check_shift_steps(const struct doc *at, struct arena *, void *out, struct problems *);

/* "2" or "50%": struct min_healthy. */
void check_min_healthy(const struct doc *at, struct arena *, void *out, struct problems *);
/* A service's failback_text: sets its failback and failback_delay_ms. */
void check_failback(const struct doc *at, struct arena *, void *out, struct problems *);
/* The struct failback_rule of a pool or an endpoint. */
void check_failback_rule(const struct doc *at, struct arena *, void *out, struct problems *);
/* Lists of strings that become lists of struct match, prefix and address. */
void check_matches(const struct doc *at, struct arena *, void *out, struct problems *);
void check_prefixes(const struct doc *at, struct arena *, void *out, struct problems *);
void check_addresses(const struct doc *at, struct arena *, void *out, struct problems *);

extern const struct schema pool_hash_schema, pool_score_schema, override_schema;

#endif
