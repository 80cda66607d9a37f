/* gslbd/settings.h: gslbd.yaml: what cannot change while running. Everything else is in the store. */
#ifndef GSLBD_SETTINGS_H
#define GSLBD_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/documents/problems.h"
#include "base/documents/schema.h"
#include "gslbd/limits/limits.h"
#include "gslbd/serve/serve.h"
#include "gslbd/settings_admin.h"
#include "probes/checks/exec.h"

struct settings {
        struct strings listen_text;
        struct listen_address *listen;
        const struct doc *workers_doc; /* "auto" or a number */
        unsigned workers;
        const char *store;
        const char *user; /* NULL: gslbd, when root starts it and that exists */
        struct settings_harden {
                bool capabilities, no_new_privs, landlock, seccomp;
        } harden;
        struct settings_geo {
                const struct doc *database_doc; /* a path or a list of paths */
                const char **paths;
                size_t path_count;
                int64_t watch_ms; /* 0: never */
        } geo;
        struct strings resolver; /* "127.0.0.1:53" */
        int64_t stale_addresses_ms;
        struct settings_admin admin;
        struct settings_probes {
                bool enabled;
                const char *name;
                struct exec_settings exec;
        } probes;
        struct settings_health {
                int64_t max_down_share, window_ms;
        } health;
        struct settings_metrics {
                int endpoints; /* enum metrics_endpoints */
                int64_t endpoints_max;
        } metrics;
        struct settings_dns {
                const char *nsid, *version, *server_id;
                const char *report_agent;
                struct settings_cookies {
                        struct strings secrets; /* 32 hexadecimal digits */
                        int require;            /* enum cookie_require */
                } cookies;
                LIST(struct prefix) explain_to;
                LIST(struct tsig_setting) tsig_keys;
                struct settings_max_udp {
                        int64_t ipv4, ipv6;
                } max_udp;
        } dns;
        struct settings_limits {
                int mode; /* enum limits_mode */
                int64_t ipv4_prefix, ipv6_prefix;
                int64_t queries, answers, negatives, errors; /* a second */
                int64_t burst_ms, slip, table_kib;
                LIST(struct prefix) allow;
        } limits;
        struct settings_tcp {
                int64_t clients, clients_per_address, clients_per_network, idle_timeout_ms, memory_mib;
                int64_t handshakes, handshakes_per_network; /* a second */
                LIST(struct prefix) proxies;
        } tcp;
        struct settings_tls {
                struct strings listen_text;
                struct listen_address *listen;
                const char *certificate, *key;
        } tls; /* certificate NULL: none */
        struct settings_log {
                int level;
        } log;
};

struct tsig_setting {
        const char *name, *secret; /* base64 */
        int algorithm;             /* enum tsig_algorithm */
};

/* Reads and checks the file; all strings live in the arena. false with problems (path, line, expected). */
bool settings_read(const char *path, struct arena *, struct settings *, struct problems *);

/* Every setting with its type, bounds, default and meaning, as schema_describe() tells them. */
struct doc *settings_describe(struct arena *);

/* gslbd/settings_dns.c: the part `dns`, and what answer() takes from settings that were read. Names live in the arena.
 * Without cookie secrets a random one is made, good for this process alone. */
extern const struct schema settings_dns_schema;
struct answer_settings settings_answer(const struct settings *, struct arena *);

/* gslbd/settings_limits.c: the part `limits`, and what workers take of it. */
extern const struct schema settings_limits_schema;
struct limit_settings settings_limit(const struct settings *);

#endif
