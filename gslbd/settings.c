#include "gslbd/settings.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "admin/api/api.h"
#include "base/buffer.h"
#include "base/documents/doc.h"
#include "base/log.h"
#include "geo/mmdb.h"
#include "gslbd/serve/sockets.h"
#include "zones/config/schemas.h"

#define SETTINGS_TEXT_MAX (1u << 20)
#define WORKERS_MAX       256

static void check_listen(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct address address;
        uint16_t port;

        doc_each (one, at) {
                if (!address_port_parse(one->string, &address, &port))
                        doc_problem(problems, one, NULL,
                                    "expected an address and port such as 0.0.0.0:53 or \"[::]:53\", got \"%s\"",
                                    one->string);
        }
        if (!at->count)
                doc_problem(problems, at, NULL, "expected at least one address and port");
}

static void check_resolver(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct address address;
        uint16_t port;

        doc_each (one, at) {
                if (!address_port_parse(one->string, &address, &port) || !port)
                        doc_problem(problems, one, NULL,
                                    "expected an address and port such as 127.0.0.1:53 or \"[::1]:53\", got \"%s\"",
                                    one->string);
        }
}

static void check_workers(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        bool automatic = at->type == DOC_STRING && !strcmp(at->string, "auto");
        char got[64];

        *(const struct doc **)out = at;
        if (!automatic && (at->type != DOC_INT || at->integer < 1 || at->integer > WORKERS_MAX))
                doc_problem(problems, at, NULL, "expected auto or an integer from 1 to %d, got %s", WORKERS_MAX,
                            doc_show(at, got, sizeof(got)));
}

static void check_database(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        char got[64];

        *(const struct doc **)out = at;
        if (at->type == DOC_STRING)
                return;
        if (at->type != DOC_LIST || at->count > GEO_FILES_MAX) {
                doc_problem(problems, at, NULL, "expected a path or a list of at most %d paths, got %s", GEO_FILES_MAX,
                            doc_show(at, got, sizeof(got)));
                return;
        }
        doc_each (one, at) {
                if (one->type != DOC_STRING)
                        doc_problem(problems, one, NULL, "expected a path, got %s", doc_show(one, got, sizeof(got)));
        }
}

#define ANY_ADDRESS(port)                                                                                              \
        .fallback.document = LIST_OF(ITEM_TEXT("0.0.0.0:" port, 0, ITEM_TEXT("[::]:" port, 1, NULL)), 2)

static const struct field geo_fields[] = {
        OPTIONAL_CUSTOM("database", settings_geo, database_doc, const struct doc *, check_database,
                        "MMDB file, or a list of them (City or Country, and ASN)"),
        DURATION("watch", settings_geo, watch_ms, 10000, 0, 86400000,
                 "how often the files are looked at; one that changed, and is the same at two looks, is taken. 0s: "
                 "only when "
                 "somebody asks"),
        {0},
};
static const struct schema settings_geo_schema = {
        .name = "geo", .size = sizeof(struct settings_geo), .fields = geo_fields};

static void check_exec_settings(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        char error[300];

        if (!exec_settings_check(out, error, sizeof(error)))
                doc_problem(problems, at, NULL, "%s", error);
}

static const struct field exec_fields[] = {
        REQUIRED_STRING("directory", exec_settings, directory,
                        "directory of the programs that monitors of type exec may run", .max = 1000),
        OPTIONAL_STRING("user", exec_settings, user,
                        "who runs them; when not given whoever runs gslbd, unless that is root", .max = 100),
        {0},
};
static const struct schema exec_settings_schema = {
        .name = "exec", .size = sizeof(struct exec_settings), .fields = exec_fields, .check = check_exec_settings};

static const struct field probes_fields[] = {
        BOOL("enabled", settings_probes, enabled, true, "whether gslbd checks endpoints itself"),
        STRING("name", settings_probes, name, "local", "the built-in prober's name", .max = 63),
        OPTIONAL_MAP("exec", settings_probes, exec, exec_settings,
                     "lets monitors run the operator's programs; nobody can when not given"),
        {0},
};
static const struct schema settings_probes_schema = {
        .name = "probes", .size = sizeof(struct settings_probes), .fields = probes_fields};

static const struct field tcp_fields[] = {
        INT("clients", settings_tcp, clients, 4096, 1, 1000000, "connections at once"),
        INT("clients_per_address", settings_tcp, clients_per_address, 128, 1, 1000000,
            "connections at once from one address (IPv6: one /64), over all workers"),
        INT("clients_per_network", settings_tcp, clients_per_network, 1024, 1, 1000000,
            "connections at once from one network, as the part limits makes them, over all workers"),
        INT("memory_mib", settings_tcp, memory_mib, 512, 1, 1048576,
            "MiB that may wait in the buffers of all connections, for slow readers and senders"),
        INT("tls_handshakes", settings_tcp, handshakes, 2000, 0, BUCKET_RATE_MAX,
            "TLS handshakes a second in all; 0: any number"),
        INT("tls_handshakes_per_network", settings_tcp, handshakes_per_network, 100, 0, BUCKET_RATE_MAX,
            "TLS handshakes a second with one network, as the part limits makes them; 0: any number"),
        DURATION("idle_timeout", settings_tcp, idle_timeout_ms, 10000, 100, 600000,
                 "how long an idle connection stays (RFC 7766 6.2.3)"),
        STRINGS_AS("proxies", settings_tcp, proxies, struct prefix, check_prefixes,
                   "networks whose connections, TLS or not, must begin with a header of the PROXY protocol, version 2",
                   .max = 1000),
        {0},
};
static const struct schema settings_tcp_schema = {
        .name = "tcp", .size = sizeof(struct settings_tcp), .fields = tcp_fields};

static const struct field log_fields[] = {
        ENUM("level", settings_log, level, LOG_LEVEL_INFO, log_level_names, "what is logged"),
        {0},
};
static const struct schema settings_log_schema = {
        .name = "log", .size = sizeof(struct settings_log), .fields = log_fields};

static const struct field dot_fields[] = {
        STRINGS("listen", settings_tls, listen_text, "addresses and ports for DNS over TLS", .max = 64,
                ANY_ADDRESS("853"), .check = check_listen),
        REQUIRED_STRING("certificate", settings_tls, certificate, "PEM file, leaf first; read again on SIGHUP"),
        REQUIRED_STRING("key", settings_tls, key, "PEM file"),
        {0},
};
static const struct schema settings_tls_schema = {
        .name = "tls", .size = sizeof(struct settings_tls), .fields = dot_fields};

static const struct field health_fields[] = {
        INT("max_down_share", settings_health, max_down_share, 90, 1, 100,
            "percent of all checked endpoints, of ten or more, beyond which going down at once is held; 100: "
            "never"),
        DURATION("window", settings_health, window_ms, 30000, 1000, 3600000, "what is at once"),
        {0},
};
static const struct schema settings_health_schema = {
        .name = "health", .size = sizeof(struct settings_health), .fields = health_fields};

static const struct field metrics_fields[] = {
        ENUM("endpoints", settings_metrics, endpoints, METRICS_ALL, metrics_endpoints_names,
             "which endpoints have series of their own: all, not_up (down or drained) or none"),
        INT("endpoints_max", settings_metrics, endpoints_max, 10000, 0, 1000000,
            "how many of them at most; the rest is counted"),
        {0},
};
static const struct schema settings_metrics_schema = {
        .name = "metrics", .size = sizeof(struct settings_metrics), .fields = metrics_fields};

static const struct field harden_fields[] = {
        BOOL("capabilities", settings_harden, capabilities, true, "gives away capabilities that it does not need"),
        BOOL("no_new_privs", settings_harden, no_new_privs, true, "nothing that it runs gains rights"),
        BOOL("landlock", settings_harden, landlock, true, "changes files in its store alone, and runs no programs"),
        BOOL("seccomp", settings_harden, seccomp, true, "workers make the system calls that they need, and no others"),
        {0},
};
static const struct schema settings_harden_schema = {
        .name = "harden", .size = sizeof(struct settings_harden), .fields = harden_fields};

static const struct field settings_fields[] = {
        STRINGS("listen", settings, listen_text, "addresses and ports for DNS, UDP and TCP", .max = 64,
                ANY_ADDRESS("53"), .check = check_listen),
        CUSTOM("workers", settings, workers_doc, const struct doc *, ONE_TEXT("auto"), check_workers,
               "answering threads per listen address; auto: one per core"),
        STRING("store", settings, store, "/var/lib/gslbd", "directory of the configuration store"),
        OPTIONAL_STRING("user", settings, user,
                        "who it runs as once it has bound its sockets, when root starts it; gslbd when that exists",
                        .max = 100),
        MAP("harden", settings, harden, settings_harden, "what it gives away"),
        MAP("geo", settings, geo, settings_geo, "GeoIP"),
        MAP("admin", settings, admin, settings_admin, "admin API"),
        MAP("probes", settings, probes, settings_probes, "built-in prober"),
        MAP("dns", settings, dns, settings_dns, "what DNS answers carry"),
        MAP("limits", settings, limits, settings_limits, "what one network may get over UDP"),
        MAP("tcp", settings, tcp, settings_tcp, "limits of DNS over TCP"),
        OPTIONAL_MAP("tls", settings, tls, settings_tls, "DNS over TLS; off when not given"),
        STRINGS("resolver", settings, resolver,
                "recursive resolvers asked for host names, to check them and to flatten them; none: those of "
                "/etc/resolv.conf",
                .max = 8, .check = check_resolver),
        DURATION("stale_addresses_for", settings, stale_addresses_ms, 86400000, 0, 604800000,
                 "how long addresses of a flattened host name are served after their TTL when nobody answers"),
        MAP("health", settings, health, settings_health, "the brake on correlated failures"),
        MAP("metrics", settings, metrics, settings_metrics, "series of endpoints in /metrics"),
        MAP("log", settings, log, settings_log, "logging"),
        {0},
};
static const struct schema settings_schema = {
        .name = "settings file", .size = sizeof(struct settings), .fields = settings_fields};

struct doc *settings_describe(struct arena *a)
{
        return schema_describe(&settings_schema, a);
}

static bool read_file(const char *path, struct buffer *text, struct problems *problems)
{
        FILE *f = fopen(path, "re");
        char piece[4096];
        size_t n;

        if (!f) {
                problems_add(problems, "", 0, "cannot open %s: %s", path, strerror(errno));
                return false;
        }
        while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
                buffer_bytes(text, piece, n);
        bool failed = ferror(f) || text->overflow;
        if (failed)
                problems_add(problems, "", 0, "cannot read %s: %s", path,
                             text->overflow ? "it is larger than 1 MiB" : strerror(errno));
        fclose(f);
        return !failed;
}

/* What the plain types do not hold: parsed addresses, worker count, paths. All was checked before. */
static void settings_finish(struct settings *s, struct arena *a)
{
        const char *const *listen = s->listen_text.items;

        s->listen = ARENA_ARRAY(a, struct listen_address, s->listen_text.count);
        for (uint32_t i = 0; i < s->listen_text.count; i++)
                address_port_parse(listen[i], &s->listen[i].address, &s->listen[i].port);
        const char *const *tls_listen = s->tls.listen_text.items;
        s->tls.listen = ARENA_ARRAY(a, struct listen_address, s->tls.listen_text.count);
        for (uint32_t i = 0; i < s->tls.listen_text.count; i++)
                address_port_parse(tls_listen[i], &s->tls.listen[i].address, &s->tls.listen[i].port);

        long cores = sysconf(_SC_NPROCESSORS_ONLN);
        s->workers = s->workers_doc->type == DOC_INT ? (unsigned)s->workers_doc->integer
                     : cores > 0                     ? (unsigned)cores
                                                     : 1;

        const struct doc *paths = s->geo.database_doc;
        if (!paths)
                return;
        s->geo.paths = ARENA_ARRAY(a, const char *, GEO_FILES_MAX);
        if (paths->type == DOC_STRING)
                s->geo.paths[s->geo.path_count++] = paths->string;
        else
                doc_each (one, paths)
                        s->geo.paths[s->geo.path_count++] = one->string;
}

/* Two sockets on one address and port would share its clients at random. */
static void refuse_overlaps(const struct settings *s, struct problems *problems)
{
        for (uint32_t i = 0; i < s->tls.listen_text.count; i++)
                for (uint32_t n = 0; n < s->listen_text.count; n++) {
                        const struct listen_address *a = &s->tls.listen[i], *b = &s->listen[n];
                        bool same = a->address.family == b->address.family &&
                                    (address_equal(&a->address, &b->address) || address_is_wildcard(&a->address) ||
                                     address_is_wildcard(&b->address));
                        if (same && a->port && a->port == b->port)
                                problems_add(problems, "tls.listen", 0, "%s is listened on without TLS already",
                                             s->tls.listen_text.items[i]);
                }
}

bool settings_read(const char *path, struct arena *a, struct settings *s, struct problems *problems)
{
        struct buffer text = BUFFER_INIT(SETTINGS_TEXT_MAX);
        struct doc *doc = NULL;

        if (read_file(path, &text, problems))
                doc = doc_parse(a, text.data ? text.data : "", text.length, DOC_YAML, problems);
        buffer_free(&text);
        if (!doc || !schema_decode(&settings_schema, doc, a, s, problems))
                return false;
        settings_finish(s, a);
        refuse_overlaps(s, problems);
        settings_admin_finish(&s->admin, s->store, a, problems);
        return !problems->count;
}
