#include "config.h"

#include "admin/ctl/verbs.h"

#include "admin/ctl/options.h"
#include "admin/ctl/words.h"
#include <string.h>

/* Groups of options, so that a line of the table says what a command takes. */
#define CAREFUL   (OPTION_BIT(OPTION_DRY_RUN) | OPTION_BIT(OPTION_IF_MATCH))
#define CHANGE    (CAREFUL | OPTION_BIT(OPTION_EXIT_CODE))
#define GUARDED   (CHANGE | OPTION_BIT(OPTION_FORCE) | OPTION_BIT(OPTION_REASON))
#define COMMENTED (GUARDED | OPTION_BIT(OPTION_COMMENT))
#define EDITED    (COMMENTED | OPTION_BIT(OPTION_CONFIRM_WITHIN) | OPTION_BIT(OPTION_ABORT_IF))
#define CHECKED   (OPTION_BIT(OPTION_CHECK_FIRST) | OPTION_BIT(OPTION_CHECK_WITHIN))
#define DRAIN                                                                                                          \
        (GUARDED | OPTION_BIT(OPTION_FOR) | OPTION_BIT(OPTION_AT) | OPTION_BIT(OPTION_OVER) |                          \
         OPTION_BIT(OPTION_REPLACE))
#define SELECT                                                                                                         \
        (OPTION_BIT(OPTION_REGION) | OPTION_BIT(OPTION_POOL) | OPTION_BIT(OPTION_LABEL) | OPTION_BIT(OPTION_CIDR))
#define PRUNING  (OPTION_BIT(OPTION_PRUNE) | OPTION_BIT(OPTION_PRUNE_KIND))
#define HEALTH   (LIMIT | FILTERS | OPTION_BIT(OPTION_STATE))
#define FILES    OPTION_BIT(OPTION_FILE)
#define ASKS     OPTION_BIT(OPTION_YES)
#define DEFAULTS OPTION_BIT(OPTION_DEFAULTS)
#define LIMIT    OPTION_BIT(OPTION_LIMIT)
#define FILTERS  (OPTION_BIT(OPTION_REGION) | OPTION_BIT(OPTION_POOL) | OPTION_BIT(OPTION_LABEL))
#define WATCH    (OPTION_BIT(OPTION_WATCH) | OPTION_BIT(OPTION_INTERVAL))

static int show_commands(struct ctl *), complete(struct ctl *);

static const struct verb verbs[] = {
        {"get", "[KIND [NAME]]", 0, 2, DEFAULTS | WATCH | FILTERS, "show the configuration, a kind or one item",
         "gslbctl get pools", ctl_get},
        {"apply", "", 0, 0, EDITED | FILES | ASKS | PRUNING | OPTION_BIT(OPTION_OVERWRITE) | CHECKED,
         "make the configuration as in files, all or nothing", "gslbctl apply -f gslb.yaml --dry-run", ctl_apply},
        {"plan", "", 0, 0,
         FILES | PRUNING | OPTION_BIT(OPTION_OVERWRITE) | OPTION_BIT(OPTION_DOWN) | OPTION_BIT(OPTION_EXIT_CODE),
         "what files would change, and where traffic would go then", "gslbctl plan --down region/eu", ctl_plan},
        {"set", "KIND [NAME[/PART]] MEMBER=VALUE ...", 2, -1, EDITED,
         "change members of an item; MEMBER= takes one out", "gslbctl set pool web-eu/eu1 weight=20", ctl_set},
        {"patch", "KIND [NAME[/PART]]", 1, 2, EDITED | FILES,
         "change members of an item as in a file; null takes one out", "gslbctl patch pool web-eu -f weights.yaml",
         ctl_patch},
        {"edit", "KIND [NAME]", 1, 2, EDITED, "change an item in $EDITOR", "gslbctl edit pool web-eu", ctl_edit},
        {"delete", "KIND [NAME[/PART]]", 1, 2, EDITED, "delete one item that nothing refers to, or a part of one",
         "gslbctl delete endpoint web-eu/eu1", ctl_delete},
        {"schema", "[KIND]", 0, 1, 0, "every field with its type, bounds, default and meaning", "gslbctl schema pools",
         ctl_schema},
        {"region drain", "NAME", 1, 1, DRAIN, "take a region out of answers",
         "gslbctl region drain eu --for 10m --reason maintenance", ctl_region_drain},
        {"region restore", "NAME", 1, 1, CHANGE, "bring a region back", "gslbctl region restore eu",
         ctl_region_restore},
        {"region failback", "NAME", 1, 1, CHANGE, "let what is back in a region, but held, serve again",
         "gslbctl region failback eu --dry-run", ctl_region_failback},
        {"pool drain", "NAME", 1, 1, DRAIN, "take a pool out of answers", "gslbctl pool drain web-eu --for 2h",
         ctl_pool_drain},
        {"pool restore", "NAME", 1, 1, CHANGE, "bring a pool back", "gslbctl pool restore web-eu", ctl_pool_restore},
        {"pool failback", "NAME", 1, 1, CHANGE, "let a pool that is back, but held, serve again",
         "gslbctl pool failback web-eu", ctl_pool_failback},
        {"endpoint drain", "POOL/NAME", 1, 1, DRAIN, "take an endpoint out of answers",
         "gslbctl endpoint drain web-eu/eu1", ctl_endpoint_drain},
        {"endpoint restore", "POOL/NAME", 1, 1, CHANGE, "bring an endpoint back", "gslbctl endpoint restore web-eu/eu1",
         ctl_endpoint_restore},
        {"endpoint failback", "POOL/NAME", 1, 1, CHANGE, "let an endpoint that is back, but held, serve again",
         "gslbctl endpoint failback web-eu/eu1", ctl_endpoint_failback},
        {"endpoint verdict", "POOL/NAME up|down", 2, 2, CAREFUL | OPTION_BIT(OPTION_FOR) | OPTION_BIT(OPTION_REASON),
         "tell an external monitor how an endpoint is, for 30 s",
         "gslbctl endpoint verdict web-eu/eu1 down --for 5m --reason 'disk full'", ctl_endpoint_verdict},
        {"bulk drain", "", 0, 0, DRAIN | SELECT, "take many endpoints out of answers in one revision",
         "gslbctl bulk drain --label rack7 --for 1h --reason power", ctl_bulk_drain},
        {"bulk restore", "", 0, 0, CHANGE | SELECT, "bring many endpoints back", "gslbctl bulk restore --label rack7",
         ctl_bulk_restore},
        {"bulk weight", "N", 1, 1, GUARDED | SELECT, "give many endpoints a weight",
         "gslbctl bulk weight 10 --pool web-eu", ctl_bulk_weight},
        {"bulk enable", "", 0, 0, CHANGE | SELECT, "enable many endpoints", "gslbctl bulk enable --region eu",
         ctl_bulk_enable},
        {"bulk disable", "", 0, 0, GUARDED | SELECT, "disable many endpoints",
         "gslbctl bulk disable --cidr 192.0.2.12/32", ctl_bulk_disable},
        {"holds", "", 0, 0, WATCH | FILTERS, "what was down and is back, but waits for its failback", "gslbctl holds",
         ctl_holds},
        {"drains", "", 0, 0, WATCH | FILTERS | OPTION_BIT(OPTION_STATE), "what is drained, until when and why",
         "gslbctl drains", ctl_drains},
        {"schedules", "", 0, 0, WATCH | FILTERS, "what has schedules, which of them holds, and until when",
         "gslbctl schedules", ctl_schedules},
        {"health", "[POOL/ENDPOINT]", 0, 1, HEALTH | WATCH, "health of all endpoints, of some, or of one by prober",
         "gslbctl health web-eu/eu1", ctl_health},
        {"check", "POOL/ENDPOINT", 1, 1, CAREFUL | OPTION_BIT(OPTION_NOW),
         "have every prober try an endpoint at once, and wait", "gslbctl check shop/s1 --now", ctl_check},
        {"health accept", "", 0, 0, CAREFUL | OPTION_BIT(OPTION_FOR) | OPTION_BIT(OPTION_REASON),
         "take changes of health that the brake holds", "gslbctl health accept --for 10m", ctl_health_accept},
        {"traffic", "", 0, 0,
         LIMIT | OPTION_BIT(OPTION_SERVICE) | OPTION_BIT(OPTION_REGION) | OPTION_BIT(OPTION_POOL) |
                 OPTION_BIT(OPTION_BY) | OPTION_BIT(OPTION_SINCE) | WATCH,
         "how much goes where, in the last hour and now",
         "gslbctl traffic --service www.gslb.example.com --by endpoint", ctl_traffic},
        {"explain", "NAME", 1, 1,
         OPTION_BIT(OPTION_CLIENT) | OPTION_BIT(OPTION_TYPE) | OPTION_BIT(OPTION_AT) | OPTION_BIT(OPTION_WITH) | WATCH,
         "why a client gets its answer", "gslbctl explain www.gslb.example.com --client 192.0.2.1", ctl_explain},
        {"events", "", 0, 0,
         LIMIT | OPTION_BIT(OPTION_FOLLOW) | WATCH | OPTION_BIT(OPTION_SINCE) | OPTION_BIT(OPTION_FLAPPING) |
                 OPTION_BIT(OPTION_REGION) | OPTION_BIT(OPTION_POOL) | OPTION_BIT(OPTION_STATE),
         "changes of health and schedules, the newest last", "gslbctl events --limit 20", ctl_events},
        {"limits", "", 0, 0, LIMIT | WATCH, "how many queries were over a limit, and the busiest networks",
         "gslbctl limits", ctl_limits},
        {"status", "[SERVICE]", 0, 1, WATCH, "is it well, and what is not as usual; or of one service",
         "gslbctl status", ctl_status},
        {"top", "", 0, 0,
         OPTION_BIT(OPTION_BY) | OPTION_BIT(OPTION_SORT) | OPTION_BIT(OPTION_SERVICE) | OPTION_BIT(OPTION_REGION) |
                 OPTION_BIT(OPTION_POOL) | OPTION_BIT(OPTION_INTERVAL),
         "live traffic and health; keys choose and sort, q leaves", "gslbctl top --by pool", ctl_top},
        {"ready", "", 0, 0, WATCH, "whether it answers, at which revision, and what is wrong", "gslbctl ready",
         ctl_ready},
        {"revisions", "", 0, 0,
         LIMIT | WATCH | OPTION_BIT(OPTION_SINCE) | OPTION_BIT(OPTION_AUTHOR) | OPTION_BIT(OPTION_KINDS) |
                 OPTION_BIT(OPTION_CHANGES),
         "who changed the configuration, and when", "gslbctl revisions", ctl_revisions},
        {"revision", "NUMBER", 1, 1, 0, "one revision with its changes", "gslbctl revision 12", ctl_revision},
        {"rollback", "NUMBER", 1, 1, EDITED | ASKS | OPTION_BIT(OPTION_WITH_DRAINS),
         "the configuration as it was after a revision; drains stay", "gslbctl rollback 11 --dry-run", ctl_rollback},
        {"revert", "NUMBER", 1, 1, EDITED | ASKS, "undo one revision alone, where no later one changed the same",
         "gslbctl revert 11 --dry-run", ctl_revert},
        {"trials", "", 0, 0, WATCH, "changes that wait until their checks pass", "gslbctl trials", ctl_trials},
        {"trial", "[TRIAL]", 0, 1, WATCH, "one of them, check by check; without an id that under way", "gslbctl trial",
         ctl_trial},
        {"trial abort", "[TRIAL]", 0, 1, CAREFUL, "end a trial, and change nothing", "gslbctl trial abort --dry-run",
         ctl_trial_abort},
        {"confirms", "", 0, 0, WATCH, "revisions that go back unless they are confirmed", "gslbctl confirms",
         ctl_confirms},
        {"confirm", "[REVISION]", 0, 1, CAREFUL | OPTION_BIT(OPTION_COMMENT),
         "let a revision stay; without a number, the one that waits", "gslbctl confirm", ctl_confirm},
        {"shift", "SERVICE", 1, 1,
         COMMENTED | OPTION_BIT(OPTION_TO) | OPTION_BIT(OPTION_STEPS) | OPTION_BIT(OPTION_EVERY) |
                 OPTION_BIT(OPTION_ABORT_IF),
         "move a service's traffic to one of its pools step by step",
         "gslbctl shift canary.gslb.example.com --to canary --steps 20,50,100", ctl_shift},
        {"shift pause", "SERVICE", 1, 1, CHANGE | OPTION_BIT(OPTION_COMMENT), "let a shift wait where it is",
         "gslbctl shift pause moving.gslb.example.com", ctl_shift_pause},
        {"shift resume", "SERVICE", 1, 1, CHANGE | OPTION_BIT(OPTION_COMMENT), "let a shift that waits go on",
         "gslbctl shift resume waiting.gslb.example.com", ctl_shift_resume},
        {"shift abort", "SERVICE", 1, 1, COMMENTED, "end a shift, and go back to how it began",
         "gslbctl shift abort moving.gslb.example.com", ctl_shift_abort},
        {"shifts", "", 0, 0, WATCH, "services whose traffic moves step by step", "gslbctl shifts", ctl_shifts},
        {"zone import", "FILE", 1, 1, GUARDED | ASKS | OPTION_BIT(OPTION_ORIGIN), "take a zone file",
         "gslbctl zone import db.example --dry-run", ctl_zone_import},
        {"zone export", "NAME", 1, 1, 0, "write a zone file", "gslbctl zone export gslb.example.com", ctl_zone_export},
        {"import gdnsd", "DIRECTORY", 1, 1, 0, "gdnsd's configuration as a document, and what became of it",
         "gslbctl import gdnsd /etc/gdnsd", ctl_import_gdnsd},
        {"tokens", "", 0, 0, WATCH, "tokens of the API, until when, and when they were last used", "gslbctl tokens",
         ctl_token_list},
        {"token create", "NAME", 1, 1,
         CHANGE | OPTION_BIT(OPTION_ROLE) | OPTION_BIT(OPTION_PROBER) | OPTION_BIT(OPTION_FOR) |
                 OPTION_BIT(OPTION_ZONE) | OPTION_BIT(OPTION_POOL_LABEL),
         "make a token; its secret is shown once", "gslbctl token create ci --role edit --for 30d", ctl_token_create},
        {"token delete", "NAME", 1, 1, CHANGE, "end a token", "gslbctl token delete paris", ctl_token_delete},
        {"backup", "FILE", 1, 1, 0, "all that the store holds into a file; -: standard output",
         "gslbctl backup gslbd.backup", ctl_backup},
        {"restore", "FILE", 1, 1, COMMENTED | ASKS, "make all that the store holds as in a backup",
         "gslbctl restore gslbd.backup --dry-run", ctl_restore},
        {"geo reload", "", 0, 0, CAREFUL, "open the GeoIP databases again", "gslbctl geo reload", ctl_geo_reload},
        {"complete", "[WORD ...]", 0, -1, 0, "what may stand in the place of the last word, for shells",
         "gslbctl complete -- get po", complete},
        {"commands", "", 0, 0, 0, "these commands with their options, for scripts with -o json",
         "gslbctl commands -o json", show_commands},
};

#define VERBS (sizeof(verbs) / sizeof(*verbs))

static int show_commands(struct ctl *c)
{
        struct doc *d = doc_new(c->arena, DOC_MAP), *items = doc_add_list(c->arena, d, "items");

        for (size_t i = 0; i < VERBS; i++) {
                const struct verb *v = &verbs[i];
                struct doc *one = doc_add_map(c->arena, items, NULL);
                doc_add_string(c->arena, one, "name", v->name);
                doc_add_string(c->arena, one, "arguments", v->arguments);
                doc_add_int(c->arena, one, "least", v->least);
                if (v->most >= 0)
                        doc_add_int(c->arena, one, "most", v->most);
                doc_add(one, "options", options_describe(v->options, c->arena));
                doc_add_string(c->arena, one, "help", v->help);
                doc_add_string(c->arena, one, "example", v->example);
        }
        doc_add(d, "general", options_describe(OPTIONS_GENERAL, c->arena));
        if (ctl_show_as_document(c, d))
                return CTL_OK;
        for (size_t i = 0; i < VERBS; i++) {
                printf("%s%s%s", verbs[i].name, *verbs[i].arguments ? " " : "", verbs[i].arguments);
                for (int o = 0; o < OPTION_COUNT; o++)
                        if (verbs[i].options & OPTION_BIT(o)) {
                                printf(" [");
                                option_name((enum option_number)o, stdout);
                                printf("]");
                        }
                printf("\n");
        }
        return CTL_OK;
}

static int complete(struct ctl *c)
{
        return words_complete(c, verbs, VERBS);
}

static int usage(FILE *to, int status)
{
        fputs("usage: gslbctl [OPTION ...] COMMAND ...\n\ncommands:\n", to);
        for (size_t i = 0; i < VERBS; i++)
                fprintf(to, "  %-17s %s\n", verbs[i].name, verbs[i].help);
        fputs("\noptions:\n", to);
        options_help(OPTIONS_GENERAL, to);
        fputs("\nexit status: 0 done, 1 refused, 2 wrong use, 3 no reply from gslbd,\n             4 something "
              "differed (with --exit-code; status: not as usual)\n",
              to);
        return status;
}

static int help(const struct verb *v)
{
        printf("usage: gslbctl %s%s%s%s\n\n%s\n\n", v->name, *v->arguments ? " " : "", v->arguments,
               v->options ? " [OPTION ...]" : "", v->help);
        if (v->options)
                printf("options:\n");
        options_help(v->options, stdout);
        printf("%sexample: %s\n", v->options ? "\n" : "", v->example);
        return CTL_OK;
}

static const struct verb *find(struct ctl *c)
{
        int used;
        const struct verb *found = verb_called(verbs, VERBS, c->argv, c->argc, &used);

        c->argc -= used;
        c->argv += used;
        return found;
}

/* The first word alone may stand for several commands. */
static int say_unknown(const struct ctl *c)
{
        size_t length = strlen(c->argv[0]);
        bool any = false;

        for (size_t i = 0; i < VERBS; i++)
                if (!strncmp(verbs[i].name, c->argv[0], length) && verbs[i].name[length] == ' ') {
                        if (c->help)
                                printf("%s  gslbctl %s%s%s\n      %s\n", any ? "" : "usage:\n", verbs[i].name,
                                       *verbs[i].arguments ? " " : "", verbs[i].arguments, verbs[i].help);
                        else
                                fprintf(stderr, "%s%s", any ? ", " : "gslbctl: expected ", verbs[i].name);
                        any = true;
                }
        if (any && c->help)
                return CTL_OK;
        if (any)
                fprintf(stderr, "\n");
        else
                fprintf(stderr, "gslbctl: there is no command \"%s\"; gslbctl --help lists them\n", c->argv[0]);
        return CTL_USAGE;
}

static bool takes(const struct verb *v, uint64_t given)
{
        uint64_t strange = given & ~(v->options | OPTIONS_GENERAL);
        const char *sep = "";

        if (!strange)
                return true;
        fprintf(stderr, "gslbctl: %s does not take ", v->name);
        option_name((enum option_number)__builtin_ctzll(strange), stderr);
        fputs(v->options ? "; it takes " : "; it takes no options", stderr);
        for (int i = 0; i < OPTION_COUNT; i++)
                if (v->options & OPTION_BIT(i)) {
                        fprintf(stderr, "%s", sep);
                        option_name((enum option_number)i, stderr);
                        sep = ", ";
                }
        fprintf(stderr, "\n");
        return false;
}

const struct verb *verb_read(struct ctl *c, int argc, char **argv, int *status)
{
        const struct verb *v;
        uint64_t given;

        *status = CTL_USAGE;
        if (!options_read(c, argc, argv, &given))
                return NULL;
        if (c->argc && !strcmp(c->argv[0], "help")) {
                c->help = true;
                c->argc--;
                c->argv++;
        }
        if (c->version)
                *status = puts("gslbctl " PACKAGE_VERSION) < 0;
        else if (!c->argc)
                *status = usage(c->help ? stdout : stderr, c->help ? CTL_OK : CTL_USAGE);
        else if (!(v = find(c)))
                *status = say_unknown(c);
        else if (c->help)
                *status = help(v);
        else if (c->argc < v->least || (v->most >= 0 && c->argc > v->most))
                fprintf(stderr, "gslbctl: %s: expected %s\n", v->name, *v->arguments ? v->arguments : "no arguments");
        else if (takes(v, given))
                return v;
        return NULL;
}
