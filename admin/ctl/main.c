/* gslbctl: the operator's command line over the admin API. */
#include "config.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/ctl/ctl.h"

static const struct {
        const char *name, *arguments, *help, *example;
        command *run;
} commands[] = {
        {"get", "[KIND [NAME]] [--defaults]", "show the configuration, a kind or one item", "gslbctl get pools",
         ctl_get},
        {"apply", "-f FILE [--dry-run] [--prune] [--comment TEXT]", "make the configuration as in a YAML or JSON file",
         "gslbctl apply -f gslb.yaml --dry-run", ctl_apply},
        {"delete", "KIND NAME", "delete one item that nothing refers to", "gslbctl delete service www.gslb.example.com",
         ctl_delete},
        {"schema", "[KIND]", "every field with its type, default and meaning", "gslbctl schema pools", ctl_schema},
        {"region", "drain|restore NAME [--for TIME] [--reason TEXT]", "take a region out of answers, or back",
         "gslbctl region drain eu --for 10m --reason maintenance", ctl_region},
        {"pool", "drain|restore NAME [--for TIME] [--reason TEXT]", "the same for a pool",
         "gslbctl pool restore web-eu", ctl_pool},
        {"endpoint", "drain|restore POOL/NAME | verdict POOL/NAME up|down [--for TIME] [--reason TEXT]",
         "the same for an endpoint; what an external monitor hears of it",
         "gslbctl endpoint verdict web-eu/eu1 down --for 5m --reason 'disk full'", ctl_endpoint},
        {"bulk", "drain|restore|weight N|enable|disable [--region R] [--pool P] [--label L] [--cidr C] [--dry-run]",
         "edit many endpoints in one revision", "gslbctl bulk drain --label rack7 --for 1h --reason power", ctl_bulk},
        {"drains", "", "what is drained, until when and why", "gslbctl drains", ctl_drains},
        {"health", "[POOL/ENDPOINT] | accept [--for TIME] [--reason TEXT]",
         "health of all endpoints, or of one with each prober's verdict; take changes that are held",
         "gslbctl health web-eu/eu1", ctl_health},
        {"explain", "NAME --client ADDRESS [--type TYPE]", "why a client gets its answer",
         "gslbctl explain www.gslb.example.com --client 192.0.2.1", ctl_explain},
        {"events", "[--limit N] [--follow]", "changes of health since the start", "gslbctl events --limit 20",
         ctl_events},
        {"ready", "", "whether it answers, at which revision, and what is wrong", "gslbctl ready", ctl_ready},
        {"revisions", "[--limit N]", "who changed the configuration, and when", "gslbctl revisions", ctl_revisions},
        {"revision", "NUMBER", "one revision with its changes", "gslbctl revision 12", ctl_revision},
        {"rollback", "NUMBER [--dry-run]", "the configuration as it was after a revision", "gslbctl rollback 11",
         ctl_rollback},
        {"zone", "import FILE [--origin NAME] | export NAME", "zone files in and out",
         "gslbctl zone export gslb.example.com", ctl_zone},
        {"token", "list | create NAME --role ROLE [--prober NAME] | delete NAME", "tokens of the API",
         "gslbctl token create paris --role prober --prober paris", ctl_token},
        {"geo", "reload", "open the GeoIP databases again", "gslbctl geo reload", ctl_geo},
};

#define COMMANDS (sizeof(commands) / sizeof(*commands))

static int usage(FILE *to, int status)
{
        fputs("usage: gslbctl [--server URL] [--token-file FILE] [-o table|json|yaml] COMMAND ...\n\ncommands:\n", to);
        for (size_t i = 0; i < COMMANDS; i++)
                fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].help);
        fputs("\noptions:\n"
              "  -s, --server URL       admin API (GSLBCTL_SERVER; http://127.0.0.1:8053)\n"
              "  -t, --token-file FILE  token (GSLBCTL_TOKEN_FILE; /var/lib/gslbd/admin.token)\n"
              "      --ca-file FILE     authorities for https\n"
              "  -o, --output FORMAT    table, json or yaml\n"
              "  -h, --help             this, or with a command its own help\n"
              "  -V, --version          the version\n"
              "\nexit status: 0 done, 1 refused, 2 wrong use, 3 gslbd could not be reached\n",
              to);
        return status;
}

static int command_usage(size_t i)
{
        printf("usage: gslbctl %s %s\n\n%s\n\nexample: %s\n", commands[i].name, commands[i].arguments, commands[i].help,
               commands[i].example);
        return CTL_OK;
}

enum {
        OPTION_CA = 256,
        OPTION_COMMENT,
        OPTION_FOR,
        OPTION_REASON,
        OPTION_TYPE,
        OPTION_CLIENT,
        OPTION_ORIGIN,
        OPTION_ROLE,
        OPTION_PROBER,
        OPTION_LIMIT,
        OPTION_REGION,
        OPTION_POOL,
        OPTION_LABEL,
        OPTION_CIDR,
        OPTION_DRY_RUN,
        OPTION_PRUNE,
        OPTION_DEFAULTS,
        OPTION_FOLLOW
};

static const struct option options[] = {
        {"server", required_argument, NULL, 's'},
        {"token-file", required_argument, NULL, 't'},
        {"ca-file", required_argument, NULL, OPTION_CA},
        {"output", required_argument, NULL, 'o'},
        {"file", required_argument, NULL, 'f'},
        {"comment", required_argument, NULL, OPTION_COMMENT},
        {"for", required_argument, NULL, OPTION_FOR},
        {"reason", required_argument, NULL, OPTION_REASON},
        {"type", required_argument, NULL, OPTION_TYPE},
        {"client", required_argument, NULL, OPTION_CLIENT},
        {"origin", required_argument, NULL, OPTION_ORIGIN},
        {"role", required_argument, NULL, OPTION_ROLE},
        {"prober", required_argument, NULL, OPTION_PROBER},
        {"limit", required_argument, NULL, OPTION_LIMIT},
        {"region", required_argument, NULL, OPTION_REGION},
        {"pool", required_argument, NULL, OPTION_POOL},
        {"label", required_argument, NULL, OPTION_LABEL},
        {"cidr", required_argument, NULL, OPTION_CIDR},
        {"dry-run", no_argument, NULL, OPTION_DRY_RUN},
        {"prune", no_argument, NULL, OPTION_PRUNE},
        {"defaults", no_argument, NULL, OPTION_DEFAULTS},
        {"follow", no_argument, NULL, OPTION_FOLLOW},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {NULL, 0, NULL, 0},
};

static bool set_output(struct ctl *c, const char *text)
{
        static const char *const names[] = {"table", "json", "yaml"};

        for (int i = 0; i < 3; i++)
                if (!strcmp(text, names[i])) {
                        c->output = (enum output)i;
                        return true;
                }
        fprintf(stderr, "gslbctl: -o: expected table, json or yaml, got \"%s\"\n", text);
        return false;
}

/* Where an option's text goes; NULL for options without one. */
static const char **text_of(struct ctl *c, int option)
{
        switch (option) {
        case 's':
                return &c->server;
        case 't':
                return &c->token_file;
        case 'f':
                return &c->file;
        case OPTION_CA:
                return &c->ca_file;
        case OPTION_COMMENT:
                return &c->comment;
        case OPTION_FOR:
                return &c->for_time;
        case OPTION_REASON:
                return &c->reason;
        case OPTION_TYPE:
                return &c->type;
        case OPTION_CLIENT:
                return &c->client;
        case OPTION_ORIGIN:
                return &c->origin;
        case OPTION_ROLE:
                return &c->role;
        case OPTION_PROBER:
                return &c->prober;
        case OPTION_LIMIT:
                return &c->limit;
        case OPTION_REGION:
        case OPTION_POOL:
        case OPTION_LABEL:
        case OPTION_CIDR:
                return &c->select[option - OPTION_REGION];
        default:
                return NULL;
        }
}

/* false: wrong use, a message was printed. */
static bool read_options(struct ctl *c, int argc, char **argv, bool *help, bool *version)
{
        int option;

        while ((option = getopt_long(argc, argv, "s:t:o:f:hV", options, NULL)) != -1) {
                const char **text = text_of(c, option);
                if (text)
                        *text = optarg;
                else if (option == 'o' && !set_output(c, optarg))
                        return false;
                else if (option == '?')
                        return false;
                *help |= option == 'h';
                *version |= option == 'V';
                c->dry_run |= option == OPTION_DRY_RUN;
                c->prune |= option == OPTION_PRUNE;
                c->defaults |= option == OPTION_DEFAULTS;
                c->follow |= option == OPTION_FOLLOW;
        }
        c->argc = argc - optind;
        c->argv = argv + optind;
        return true;
}

static int run(struct ctl *c, bool help)
{
        if (!c->argc)
                return usage(help ? stdout : stderr, help ? CTL_OK : CTL_USAGE);
        for (size_t i = 0; i < COMMANDS; i++)
                if (!strcmp(c->argv[0], commands[i].name)) {
                        c->argc--;
                        c->argv++;
                        return help ? command_usage(i) : commands[i].run(c);
                }
        fprintf(stderr, "gslbctl: there is no command \"%s\"; gslbctl --help lists them\n", c->argv[0]);
        return CTL_USAGE;
}

int main(int argc, char **argv)
{
        const char *server = getenv("GSLBCTL_SERVER"), *token_file = getenv("GSLBCTL_TOKEN_FILE");
        struct ctl c = {.arena = arena_new(0),
                        .server = server ? server : "http://127.0.0.1:8053",
                        .token_file = token_file ? token_file : "/var/lib/gslbd/admin.token"};
        bool help = false, version = false;
        int status = CTL_USAGE;

        if (read_options(&c, argc, argv, &help, &version)) {
                if (version)
                        status = puts("gslbctl " PACKAGE_VERSION) < 0;
                else
                        status = run(&c, help);
        }
        arena_free(c.arena);
        return status;
}
