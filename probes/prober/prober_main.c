/* gslb-prober: the health checks of gslbd from another vantage point. */
#include "config.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <event2/thread.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/memory.h"
#include "probes/prober/uplink.h"

#define SERVERS_MAX 16
#define TOKEN_MAX   256

struct options {
        const char *servers[SERVERS_MAX];
        size_t server_count;
        const char *name, *ca_file;
        const char *token_files[SERVERS_MAX]; /* of the servers in turn; the last one of all that are left */
        size_t token_count;
        char tokens[SERVERS_MAX][TOKEN_MAX];
        struct exec_settings programs;
};

static int usage(FILE *to, int status)
{
        fputs("usage: gslb-prober --name NAME --token-file FILE --server URL [--server URL ...]\n"
              "\n"
              "Checks the endpoints of one or more gslbd from here and reports to them what it sees.\n"
              "\n"
              "  -n, --name NAME        this prober's name, as the gslbd know it\n"
              "  -s, --server URL       admin API of a gslbd; may stand several times\n"
              "  -t, --token-file FILE  file with the token (role prober); one for all servers, or one for each in "
              "their order\n"
              "      --ca-file FILE     authorities for https, PEM; the system's when not given\n"
              "      --exec-directory DIR  programs that monitors of type exec may run; none when not given\n"
              "      --exec-user USER   who runs them; needed where root runs gslb-prober\n"
              "      --log-level LEVEL  error, warning, info or debug\n"
              "  -V, --version          print the version and exit\n"
              "  -h, --help             print this help and exit\n"
              "\n"
              "example: gslb-prober --name paris --token-file /etc/gslbd/paris.token --server "
              "https://gslb1.example.com:8053\n",
              to);
        return status;
}

static bool read_token(const char *path, char token[TOKEN_MAX])
{
        FILE *f = fopen(path, "re");

        if (!f || !fgets(token, TOKEN_MAX, f)) {
                fprintf(stderr, "gslb-prober: cannot read a token from %s: %s\n", path,
                        f && !ferror(f) ? "it is empty" : strerror(errno));
                if (f)
                        fclose(f);
                return false;
        }
        fclose(f);
        token[strcspn(token, "\r\n")] = '\0';
        return true;
}

static bool read_tokens(struct options *o)
{
        for (size_t i = 0; i < o->token_count; i++)
                if (!read_token(o->token_files[i], o->tokens[i]))
                        return false;
        return true;
}

/* -1: go on; else the exit status. */
static int read_options(int argc, char **argv, struct options *o)
{
        static const struct option options[] = {
                {"name", required_argument, NULL, 'n'},
                {"server", required_argument, NULL, 's'},
                {"token-file", required_argument, NULL, 't'},
                {"ca-file", required_argument, NULL, 'a'},
                {"exec-directory", required_argument, NULL, 'd'},
                {"exec-user", required_argument, NULL, 'u'},
                {"log-level", required_argument, NULL, 'l'},
                {"version", no_argument, NULL, 'V'},
                {"help", no_argument, NULL, 'h'},
                {NULL, 0, NULL, 0},
        };
        enum log_level level;
        char error[300];
        int option;

        while ((option = getopt_long(argc, argv, "n:s:t:Vh", options, NULL)) != -1) {
                if (option == 'n')
                        o->name = optarg;
                else if (option == 's' && o->server_count < SERVERS_MAX)
                        o->servers[o->server_count++] = optarg;
                else if (option == 't' && o->token_count < SERVERS_MAX)
                        o->token_files[o->token_count++] = optarg;
                else if (option == 'a')
                        o->ca_file = optarg;
                else if (option == 'd')
                        o->programs.directory = optarg;
                else if (option == 'u')
                        o->programs.user = optarg;
                else if (option == 'l' && log_level_parse(optarg, &level))
                        log_set_level(level);
                else if (option == 'V')
                        return puts("gslb-prober " PACKAGE_VERSION) < 0;
                else
                        return usage(option == 'h' ? stdout : stderr, option == 'h' ? EXIT_SUCCESS : 2);
        }
        if (!o->name || !o->token_count || o->token_count > o->server_count || !o->server_count || optind < argc)
                return usage(stderr, 2);
        if (!exec_settings_check(&o->programs, error, sizeof(error))) {
                fprintf(stderr, "gslb-prober: --exec-%s\n", error);
                return 2;
        }
        return read_tokens(o) ? -1 : EXIT_FAILURE;
}

static void on_signal(evutil_socket_t number, short what, void *base)
{
        log_info("prober", "stopping on signal %d", (int)number);
        event_base_loopbreak(base);
}

static int run(struct event_base *base, const struct options *o)
{
        struct uplink *uplinks[SERVERS_MAX];
        size_t started = 0;
        char error[600];

        for (; started < o->server_count; started++) {
                const struct uplink_options options = {
                        .server = o->servers[started],
                        .token = o->tokens[started < o->token_count ? started : o->token_count - 1],
                        .ca_file = o->ca_file,
                        .name = o->name,
                        .programs = o->programs};
                uplinks[started] = uplink_start(base, &options, error, sizeof(error));
                if (!uplinks[started]) {
                        log_error("prober", "%s", error);
                        break;
                }
        }
        bool good = started == o->server_count;
        if (good)
                event_base_dispatch(base);
        while (started)
                uplink_stop(uplinks[--started]);
        return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
        struct options options = {0};
        int status = read_options(argc, argv, &options);

        if (status >= 0)
                return status;
        signal(SIGPIPE, SIG_IGN);
        curl_global_init(CURL_GLOBAL_DEFAULT);
        evthread_use_pthreads();
        struct event_base *base = event_base_new();
        struct event *term = evsignal_new(base, SIGTERM, on_signal, base),
                     *interrupt = evsignal_new(base, SIGINT, on_signal, base);
        event_add(term, NULL);
        event_add(interrupt, NULL);
        status = run(base, &options);
        event_free(term);
        event_free(interrupt);
        event_base_free(base);
        libevent_global_shutdown();
        return status;
}
