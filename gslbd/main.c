/* gslbd: the name server. Reads its settings, wires the rooms together and waits for signals. */
#include "config.h"

#include <event2/event.h>
#include <event2/thread.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/api/api.h"
#include "admin/control/control.h"
#include "admin/rollout/rollouts.h"
#include "base/buffer.h"
#include "base/documents/doc.h"
#include "base/event_thread.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/rcu.h"
#include "base/time_zones/time_zones.h"
#include "base/tls_server.h"
#include "gslbd/check.h"
#include "gslbd/descriptors.h"
#include "gslbd/limits/limits_tell.h"
#include "gslbd/privileges.h"
#include "gslbd/serve/confine.h"
#include "gslbd/serve/serve_settings.h"
#include "gslbd/notify.h"
#include "gslbd/serve/serve.h"
#include "gslbd/settings.h"
#include "zones/config/model.h"

#define ERROR_MAX     1024
#define STOP_GRACE_MS 3000
#define LIMITS_LOG_S  10

/* The whole process: what main made and has to unmake. */
struct process {
        struct settings settings;
        const char *settings_path;
        struct event_base *base;
        struct stays stays;     /* of the control thread */
        struct tls_server *tls; /* of DNS over TLS; NULL: off */
        struct server *server;
        struct control *control;
        struct rollouts *rollouts;
        struct api *api;
        struct event *signals[4], *limits_due, *watchdog_due;
        uint64_t limited; /* as told last */
        struct privileges privileges;
        bool failed;
};

static int usage(FILE *to, int status)
{
        fputs("usage: gslbd -c FILE [--check]\n"
              "       gslbd --schema\n"
              "\n"
              "Answers DNS for the zones in its store, balancing load across regions.\n"
              "\n"
              "  -c, --config FILE  settings, such as /etc/gslbd/gslbd.yaml\n"
              "      --check        validate the settings and what a start would need, and exit\n"
              "      --schema       print every setting and every field of the configuration as JSON, and exit\n"
              "  -V, --version      print the version and exit\n"
              "  -h, --help         print this help and exit\n"
              "\n"
              "example: gslbd -c /etc/gslbd/gslbd.yaml\n"
              "SIGTERM ends it, SIGHUP reads GeoIP databases, time zones, certificates and dns settings again. See\n"
              "gslbd(8).\n",
              to);
        return status;
}

static void control_is_ready(void *context)
{
        notify_manager("READY=1");
}

/* Takes the parts `dns` and `limits` of the settings, anew from the file; the rest of it is read at the start alone.
 * false, and nothing has changed, when the file is not valid. */
static bool take_serve_settings(const char *path)
{
        struct problems problems = PROBLEMS_INIT;
        struct arena *a = arena_new(0);
        struct settings settings;
        bool good = settings_read(path, a, &settings, &problems);

        if (good) {
                struct serve_settings *taken = ARENA_NEW(a, struct serve_settings);
                taken->answer = settings_answer(&settings, a);
                taken->limits = settings_limit(&settings);
                serve_settings_publish(taken, a);
        } else {
                char *text = problems_text(&problems);
                log_error("gslbd", "%s is not valid, its parts dns and limits stay as they were read before: %s", path,
                          text);
                free(text);
                arena_free(a);
        }
        problems_free(&problems);
        return good;
}

/* What cannot be read leaves in force what was read before. */
static void reload_certificates(struct process *p)
{
        char error[ERROR_MAX] = "";

        if (p->tls && !tls_server_reload(p->tls, error, sizeof(error)))
                log_error("tls", "the certificate read before stays in force: %s", error);
        else if (p->tls)
                log_info("tls", "certificate reloaded");
        control_tls_error(p->control, error);
        api_reload_certificate(p->api);
}

static void on_signal(evutil_socket_t number, short what, void *context)
{
        struct process *p = context;

        if (number == SIGHUP) {
                control_reload_geo(p->control, false, NULL, NULL); /* logs what is wrong */
                control_reload_time_zones(p->control);
                reload_certificates(p);
                if (take_serve_settings(p->settings_path))
                        log_info("gslbd", "read the parts dns and limits of %s again", p->settings_path);
                return;
        }
        log_info("gslbd", "stopping on signal %d", (int)number);
        notify_manager("STOPPING=1");
        event_base_loopbreak(p->base);
}

static struct serve_options serve_options_of(const struct settings *s, struct tls_server *tls)
{
        return (struct serve_options){
                .listen = s->listen,
                .listen_count = s->listen_text.count,
                .tls_listen = s->tls.listen,
                .tls_listen_count = s->tls.listen_text.count,
                .tls = tls,
                .proxies = s->tcp.proxies.items,
                .proxy_count = s->tcp.proxies.count,
                .workers = s->workers,
                .tcp_clients_max = (unsigned)s->tcp.clients,
                .tcp_clients_per_address = (unsigned)s->tcp.clients_per_address,
                .tcp_clients_per_network = (unsigned)s->tcp.clients_per_network,
                .tcp_memory = (size_t)s->tcp.memory_mib << 20,
                .limits_table = (size_t)s->limits.table_kib << 10,
                .confine = s->harden.seccomp,
        };
}

static struct doc *tell_limits(void *context, struct arena *a, uint32_t most)
{
        const struct process *p = context;

        return limits_tell(serve_limits(p->server), &serve_settings_current()->limits, a, most);
}

static struct doc *tell_privileges(void *context, struct arena *a)
{
        const struct process *p = context;

        return privileges_tell(&p->privileges, a);
}

static void on_limits_due(evutil_socket_t fd, short what, void *context)
{
        struct process *p = context;
        char line[200];

        if (limits_tell_line(serve_limits(p->server), &serve_settings_current()->limits, &p->limited, line,
                             sizeof(line)))
                log_warning("limits", "in the last %d s %s", LIMITS_LOG_S, line);
}

/* Says what is limited, at most once in a while. */
static void watch_limits(struct process *p)
{
        const struct timeval every = {LIMITS_LOG_S, 0};

        p->limits_due = event_new(p->base, -1, EV_PERSIST, on_limits_due, p);
        event_add(p->limits_due, &every);
}

static void on_watchdog_due(evutil_socket_t fd, short what, void *context)
{
        notify_manager("WATCHDOG=1");
}

/* Tells that the control thread turns, where somebody wants to know. */
static void feed_watchdog(struct process *p)
{
        const unsigned ms = notify_watchdog_ms();
        const struct timeval every = {ms / 1000, ms % 1000 * 1000};

        if (!ms)
                return;
        p->watchdog_due = event_new(p->base, -1, EV_PERSIST, on_watchdog_due, p);
        event_add(p->watchdog_due, &every);
}

static bool open_all(struct process *p, char *error, size_t error_size)
{
        const struct settings *s = &p->settings;
        const int numbers[] = {SIGTERM, SIGINT, SIGHUP};

        for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
                p->signals[i] = evsignal_new(p->base, numbers[i], on_signal, p);
                event_add(p->signals[i], NULL);
        }
        if (s->tls.certificate) {
                const struct tls_server_options tls = {s->tls.certificate, s->tls.key, "dot", NULL}; /* RFC 7858 3.1 */
                p->tls = tls_server_open(&tls, error, error_size);
                if (!p->tls)
                        return false;
        }
        const struct serve_options serve = serve_options_of(s, p->tls);
        if (!privileges_prepare(s, &p->privileges, error, error_size))
                return false;
        p->server = serve_open(&serve, error, error_size);
        if (!p->server || !privileges_drop(s, &p->privileges, error, error_size))
                return false;
        p->privileges.seccomp = s->harden.seccomp && confine_available();
        const struct control_options control = {
                .store_path = s->store,
                .resolver = {s->resolver.items, s->resolver.count, .hosts = false},
                .stale_for_ms = s->stale_addresses_ms,
                .geo_paths = s->geo.paths,
                .geo_path_count = s->geo.path_count,
                .geo_watch_ms = (uint64_t)s->geo.watch_ms,
                .prober_enabled = s->probes.enabled,
                .max_down_share = (uint32_t)s->health.max_down_share,
                .brake_window_ms = (uint64_t)s->health.window_ms,
                .prober = {.name = s->probes.name,
                           .programs = s->probes.exec,
                           .resolver = {s->resolver.items, s->resolver.count, .hosts = true}},
                .ready = control_is_ready,
                .context = p,
                .stays = &p->stays,
        };
        p->control = control_open(p->base, &control, error, error_size);
        if (!p->control)
                return false;
        const struct api_options api = {
                .listen = s->admin.listen,
                .listen_count = s->admin.listen_text.count,
                .limits = {.connections = (size_t)s->admin.connections,
                           .connections_per_peer = (size_t)s->admin.connections_per_address,
                           .request_ms = (uint64_t)s->admin.request_timeout_ms},
                .max_body = (size_t)s->admin.max_body_mib << 20,
                .users = s->admin.api_users,
                .user_count = s->admin.users.count,
                .token_file = s->admin.token_file,
                .tls_certificate = s->admin.tls.certificate,
                .tls_key = s->admin.tls.key,
                .tls_client_authority = s->admin.tls.client_authority,
                .clients = s->admin.api_clients,
                .client_count = s->admin.tls.clients.count,
                .metrics_endpoints = (enum metrics_endpoints)s->metrics.endpoints,
                .metrics_endpoints_most = (uint32_t)s->metrics.endpoints_max,
                .hosts = s->admin.hosts.items,
                .host_count = s->admin.hosts.count,
                .limits_tell = tell_limits,
                .privileges_tell = tell_privileges,
                .process = p,
        };
        p->rollouts = rollouts_open(p->base, p->control, error, error_size);
        if (!p->rollouts)
                return false;
        p->api = api_open(p->base, p->control, p->rollouts, &api, error, error_size);
        return p->api != NULL;
}

static void say_listening(const struct process *p)
{
        char text[ADDRESS_PORT_TEXT_MAX];
        const struct settings *s = &p->settings;

        for (size_t i = 0; i < s->listen_text.count; i++)
                log_info("gslbd", "DNS on %s, UDP and TCP",
                         address_port_format(&s->listen[i].address, serve_port(p->server, i), text));
        for (size_t i = 0; i < s->tls.listen_text.count; i++)
                log_info("gslbd", "DNS over TLS on %s",
                         address_port_format(&s->tls.listen[i].address, serve_port(p->server, s->listen_text.count + i),
                                             text));
        for (size_t i = 0; i < s->admin.listen_text.count; i++) {
                const struct http_listen *at = &s->admin.listen[i];
                log_info("gslbd", "admin API on %s",
                         at->path ? at->path : address_port_format(&at->address, api_port(p->api, i), text));
        }
}

static void close_all(struct process *p)
{
        if (p->server)
                serve_stop(p->server, STOP_GRACE_MS);
        tls_server_free(p->tls);
        if (p->api)
                api_close(p->api);
        rollouts_close(p->rollouts);
        control_close(p->control);
        time_zones_free();
        for (size_t i = 0; i < sizeof(p->signals) / sizeof(*p->signals); i++)
                if (p->signals[i])
                        event_free(p->signals[i]);
        if (p->limits_due)
                event_free(p->limits_due);
        if (p->watchdog_due)
                event_free(p->watchdog_due);
        event_base_free(p->base);
        rcu_drain();
        libevent_global_shutdown();
}

static int run(struct process *p)
{
        char error[ERROR_MAX] = "";

        log_info("gslbd", "gslbd %s starts", PACKAGE_VERSION);
        signal(SIGPIPE, SIG_IGN);
        signal(SIGXFSZ, SIG_IGN); /* a limit on files is a full disk */
        evthread_use_pthreads();
        descriptors_raise((unsigned long)p->settings.tcp.clients, p->settings.workers);
        p->base = event_base_new();
        if (take_serve_settings(p->settings_path) && open_all(p, error, sizeof(error)) &&
            serve_start(p->server, error, sizeof(error))) {
                say_listening(p);
                watch_limits(p);
                feed_watchdog(p);
                event_run(p->base, &p->stays);
        } else {
                log_error("gslbd", "%s", error);
                p->failed = true;
        }
        close_all(p);
        serve_settings_publish(NULL, NULL);
        rcu_drain();
        log_info("gslbd", "stopped");
        return p->failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static bool read_settings(const char *path, struct arena *a, struct process *p)
{
        struct problems problems = PROBLEMS_INIT;
        bool good = settings_read(path, a, &p->settings, &problems);

        if (!good) {
                char *text = problems_text(&problems);
                fprintf(stderr, "gslbd: %s is not valid:\n%s", path, text);
                free(text);
        }
        problems_free(&problems);
        return good;
}

/* What the manual pages of the settings and of the configuration are made of. */
static int print_schema(void)
{
        struct arena *a = arena_new(0);
        struct buffer text = BUFFER_INIT(SIZE_MAX);
        struct doc *d = doc_new(a, DOC_MAP);

        doc_add(d, "settings", settings_describe(a));
        doc_add(d, "configuration", kinds_describe(a));
        doc_write_json(d, &text, 2);
        bool written = fwrite(text.data, 1, text.length, stdout) == text.length && !fflush(stdout);
        buffer_free(&text);
        arena_free(a);
        return written ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
        static const struct option options[] = {
                {"config", required_argument, NULL, 'c'}, {"check", no_argument, NULL, 'k'},
                {"schema", no_argument, NULL, 's'},       {"version", no_argument, NULL, 'V'},
                {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
        };
        struct process process = {0};
        const char *path = NULL;
        bool check = false;
        int option;

        memory_return_large();
        while ((option = getopt_long(argc, argv, "c:Vh", options, NULL)) != -1) {
                switch (option) {
                case 'c':
                        path = optarg;
                        break;
                case 'k':
                        check = true;
                        break;
                case 's':
                        return print_schema();
                case 'V':
                        puts("gslbd " PACKAGE_VERSION);
                        return EXIT_SUCCESS;
                case 'h':
                        return usage(stdout, EXIT_SUCCESS);
                default:
                        return usage(stderr, 2);
                }
        }
        if (!path || optind < argc)
                return usage(stderr, 2);

        struct arena *arena = arena_new(0);
        int status = EXIT_FAILURE;
        if (read_settings(path, arena, &process)) {
                log_set_level((enum log_level)process.settings.log.level);
                process.settings_path = path;
                const struct serve_options serve = serve_options_of(&process.settings, NULL);
                if (!check)
                        status = run(&process);
                else if (check_start(path, &process.settings, &serve))
                        status = EXIT_SUCCESS;
        }
        arena_free(arena);
        return status;
}
