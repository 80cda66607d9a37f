#include "gslbd/settings.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/buffer.h"
#include "base/documents/doc.h"
#include "base/log.h"
#include "geo/mmdb.h"
#include "gslbd/serve/sockets.h"
#include "zones/config/schemas.h"

#define SETTINGS_TEXT_MAX (1u << 20)
#define WORKERS_MAX       256

static const char *const log_levels[] = {"error", "warning", "info", "debug", NULL};

#define AT(member)         offsetof(struct settings, member)
#define SUB(outer, member) (offsetof(struct settings, outer.member) - offsetof(struct settings, outer))

static void check_listen(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct address address;
        uint16_t port;

        doc_each (one, at) {
                if (!endpoint_parse(one->string, &address, &port))
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
                if (!endpoint_parse(one->string, &address, &port) || !port)
                        doc_problem(problems, one, NULL,
                                    "expected an address and port such as 127.0.0.1:53 or \"[::1]:53\", got \"%s\"",
                                    one->string);
        }
}

static void check_admin_listen(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        struct address address;
        uint16_t port;

        if (!endpoint_parse(at->string, &address, &port))
                doc_problem(problems, at, NULL, "expected an address and port such as 127.0.0.1:8053, got \"%s\"",
                            at->string);
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

static const struct field geo_fields[] = {
        {.name = "database",
         .type = FIELD_DOC,
         .offset = SUB(geo, database_doc),
         .check = check_database,
         .help = "MMDB file, or a list of them (City or Country, and ASN)"},
        {0},
};
static const struct schema geo_schema = {
        .name = "geo", .size = sizeof(((struct settings *)0)->geo), .fields = geo_fields};

static const struct field tls_fields[] = {
        {.name = "certificate", .type = FIELD_STRING, .offset = 0, .required = true, .help = "PEM file, leaf first"},
        {.name = "key", .type = FIELD_STRING, .offset = sizeof(char *), .required = true, .help = "PEM file"},
        {0},
};
static const struct schema tls_schema = {
        .name = "tls", .size = sizeof(((struct settings *)0)->admin.tls), .fields = tls_fields};

static const struct field admin_fields[] = {
        {.name = "listen",
         .type = FIELD_STRING,
         .offset = SUB(admin, listen_text),
         .fallback = "\"127.0.0.1:8053\"",
         .check = check_admin_listen,
         .help = "address and port of the admin API"},
        {.name = "token_file",
         .type = FIELD_STRING,
         .offset = SUB(admin, token_file),
         .help = "where the first admin token is written; STORE/admin.token when not given"},
        {.name = "allow_plain",
         .type = FIELD_BOOL,
         .offset = SUB(admin, allow_plain),
         .fallback = "false",
         .help = "plain HTTP on an address other than loopback"},
        {.name = "tls",
         .type = FIELD_MAP,
         .offset = SUB(admin, tls),
         .item = &tls_schema,
         .help = "certificate for HTTPS"},
        {0},
};
static const struct schema admin_schema = {
        .name = "admin", .size = sizeof(((struct settings *)0)->admin), .fields = admin_fields};

static void check_exec_settings(const struct doc *at, struct arena *a, void *out, struct problems *problems)
{
        char error[300];

        if (!exec_settings_check(out, error, sizeof(error)))
                doc_problem(problems, at, NULL, "%s", error);
}

static const struct field exec_fields[] = {
        {.name = "directory",
         .type = FIELD_STRING,
         .offset = offsetof(struct exec_settings, directory),
         .required = true,
         .max = 1000,
         .help = "directory of the programs that monitors of type exec may run"},
        {.name = "user",
         .type = FIELD_STRING,
         .offset = offsetof(struct exec_settings, user),
         .max = 100,
         .help = "who runs them; whoever runs gslbd when not given"},
        {0},
};
static const struct schema exec_schema = {
        .name = "exec", .size = sizeof(struct exec_settings), .fields = exec_fields, .check = check_exec_settings};

static const struct field probes_fields[] = {
        {.name = "enabled",
         .type = FIELD_BOOL,
         .offset = SUB(probes, enabled),
         .fallback = "true",
         .help = "whether gslbd checks endpoints itself"},
        {.name = "name",
         .type = FIELD_STRING,
         .offset = SUB(probes, name),
         .fallback = "\"local\"",
         .max = 63,
         .help = "the built-in prober's name"},
        {.name = "exec",
         .type = FIELD_MAP,
         .offset = SUB(probes, exec),
         .item = &exec_schema,
         .help = "lets monitors run the operator's programs; nobody can when not given"},
        {0},
};
static const struct schema probes_schema = {
        .name = "probes", .size = sizeof(((struct settings *)0)->probes), .fields = probes_fields};

static const struct field tcp_fields[] = {
        {.name = "clients",
         .type = FIELD_INT,
         .offset = SUB(tcp, clients),
         .fallback = "4096",
         .min = 1,
         .max = 1000000,
         .help = "connections at once"},
        {.name = "clients_per_address",
         .type = FIELD_INT,
         .offset = SUB(tcp, clients_per_address),
         .fallback = "128",
         .min = 1,
         .max = 1000000,
         .help = "connections at once from one address, of each worker"},
        {.name = "idle_timeout",
         .type = FIELD_DURATION,
         .offset = SUB(tcp, idle_timeout_ms),
         .fallback = "\"10s\"",
         .min = 100,
         .max = 600000,
         .help = "how long an idle connection stays (RFC 7766 6.2.3)"},
        {.name = "proxies",
         .type = FIELD_STRINGS,
         .offset = SUB(tcp, proxies),
         .fallback = "[]",
         .max = 1000,
         .check = check_prefixes,
         .help = "networks whose connections, TLS or not, must begin with a header of the PROXY protocol, version 2"},
        {0},
};
static const struct schema tcp_schema = {
        .name = "tcp", .size = sizeof(((struct settings *)0)->tcp), .fields = tcp_fields};

static const struct field log_fields[] = {
        {.name = "level",
         .type = FIELD_ENUM,
         .offset = SUB(log, level),
         .fallback = "\"info\"",
         .names = log_levels,
         .help = "what is logged"},
        {0},
};
static const struct schema log_schema = {
        .name = "log", .size = sizeof(((struct settings *)0)->log), .fields = log_fields};

static const struct field dot_fields[] = {
        {.name = "listen",
         .type = FIELD_STRINGS,
         .offset = SUB(tls, listen_text),
         .fallback = "[\"0.0.0.0:853\", \"[::]:853\"]",
         .max = 64,
         .check = check_listen,
         .help = "addresses and ports for DNS over TLS"},
        {.name = "certificate",
         .type = FIELD_STRING,
         .offset = SUB(tls, certificate),
         .required = true,
         .help = "PEM file, leaf first; read again on SIGHUP"},
        {.name = "key", .type = FIELD_STRING, .offset = SUB(tls, key), .required = true, .help = "PEM file"},
        {0},
};
static const struct schema dot_schema = {
        .name = "tls", .size = sizeof(((struct settings *)0)->tls), .fields = dot_fields};

static const struct field health_fields[] = {
        {.name = "max_down_share",
         .type = FIELD_INT,
         .offset = SUB(health, max_down_share),
         .fallback = "90",
         .min = 1,
         .max = 100,
         .help = "percent of all checked endpoints, of ten or more, beyond which going down at once is held; 100: "
                 "never"},
        {.name = "window",
         .type = FIELD_DURATION,
         .offset = SUB(health, window_ms),
         .fallback = "\"30s\"",
         .min = 1000,
         .max = 3600000,
         .help = "what is at once"},
        {0},
};
static const struct schema health_schema = {
        .name = "health", .size = sizeof(((struct settings *)0)->health), .fields = health_fields};

static const struct field settings_fields[] = {
        {.name = "listen",
         .type = FIELD_STRINGS,
         .offset = AT(listen_text),
         .fallback = "[\"0.0.0.0:53\", \"[::]:53\"]",
         .max = 64,
         .check = check_listen,
         .help = "addresses and ports for DNS, UDP and TCP"},
        {.name = "workers",
         .type = FIELD_DOC,
         .offset = AT(workers_doc),
         .fallback = "\"auto\"",
         .check = check_workers,
         .help = "answering threads per listen address; auto: one per core"},
        {.name = "store",
         .type = FIELD_STRING,
         .offset = AT(store),
         .fallback = "\"/var/lib/gslbd\"",
         .help = "directory of the configuration store"},
        {.name = "geo", .type = FIELD_MAP, .offset = AT(geo), .item = &geo_schema, .fallback = "{}", .help = "GeoIP"},
        {.name = "admin",
         .type = FIELD_MAP,
         .offset = AT(admin),
         .item = &admin_schema,
         .fallback = "{}",
         .help = "admin API"},
        {.name = "probes",
         .type = FIELD_MAP,
         .offset = AT(probes),
         .item = &probes_schema,
         .fallback = "{}",
         .help = "built-in prober"},
        {.name = "dns",
         .type = FIELD_MAP,
         .offset = AT(dns),
         .item = &settings_dns_schema,
         .fallback = "{}",
         .help = "what DNS answers carry"},
        {.name = "tcp",
         .type = FIELD_MAP,
         .offset = AT(tcp),
         .item = &tcp_schema,
         .fallback = "{}",
         .help = "limits of DNS over TCP"},
        {.name = "tls",
         .type = FIELD_MAP,
         .offset = AT(tls),
         .item = &dot_schema,
         .help = "DNS over TLS; off when not given"},
        {.name = "resolver",
         .type = FIELD_STRINGS,
         .offset = AT(resolver),
         .fallback = "[]",
         .max = 8,
         .check = check_resolver,
         .help = "recursive resolvers asked for host names that are flattened; none: those of /etc/resolv.conf"},
        {.name = "health",
         .type = FIELD_MAP,
         .offset = AT(health),
         .item = &health_schema,
         .fallback = "{}",
         .help = "the brake on correlated failures"},
        {.name = "log", .type = FIELD_MAP, .offset = AT(log), .item = &log_schema, .fallback = "{}", .help = "logging"},
        {0},
};
static const struct schema settings_schema = {
        .name = "settings", .size = sizeof(struct settings), .fields = settings_fields};

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
                endpoint_parse(listen[i], &s->listen[i].address, &s->listen[i].port);
        const char *const *tls_listen = s->tls.listen_text.items;
        s->tls.listen = ARENA_ARRAY(a, struct listen_address, s->tls.listen_text.count);
        for (uint32_t i = 0; i < s->tls.listen_text.count; i++)
                endpoint_parse(tls_listen[i], &s->tls.listen[i].address, &s->tls.listen[i].port);
        endpoint_parse(s->admin.listen_text, &s->admin.listen.address, &s->admin.listen.port);
        if (!s->admin.token_file)
                s->admin.token_file = arena_printf(a, "%s/admin.token", s->store);

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
                                             ((const char *const *)s->tls.listen_text.items)[i]);
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
        return !problems->count;
}
