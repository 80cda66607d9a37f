#include "admin/ctl/options.h"

#include <getopt.h>
#include <stddef.h>
#include <string.h>
#include "admin/ctl/screen/terminal.h"

static const struct {
        const char *name, *takes; /* takes: NULL for a flag */
        char letter;
        size_t offset; /* in struct ctl: a text, or a flag */
        const char *help;
} table[OPTION_COUNT] = {
#define TEXT(letter, name, takes, member, help)                                                                        \
        {                                                                                                              \
                name, takes, letter, offsetof(struct ctl, member), help                                                \
        }
#define FLAG(letter, name, member, help)                                                                               \
        {                                                                                                              \
                name, NULL, letter, offsetof(struct ctl, member), help                                                 \
        }
        [OPTION_SERVER] = TEXT('s', "server", "URL", server, "or unix:PATH (GSLBCTL_SERVER; 127.0.0.1:8053)"),
        [OPTION_TOKEN_FILE] =
                TEXT('t', "token-file", "FILE", token_file, "(GSLBCTL_TOKEN_FILE; /var/lib/gslbd/admin.token)"),
        [OPTION_CA_FILE] = TEXT(0, "ca-file", "FILE", ca_file, "authorities for https"),
        [OPTION_CERTIFICATE] =
                TEXT(0, "certificate", "FILE", certificate, "of the client, for https; no token is needed then"),
        [OPTION_KEY] = TEXT(0, "key", "FILE", key, "of that certificate"),
        [OPTION_OUTPUT] = TEXT('o', "output", "FORMAT", output_name, "table, wide, json, yaml or name"),
        [OPTION_TIMEOUT] = TEXT(0, "timeout", "TIME", timeout, "how long a reply may take (2m; 30m for apply)"),
        [OPTION_COLOR] = TEXT(0, "color", "WHEN", color, "auto, always or never (auto; NO_COLOR: never)"),
        [OPTION_HELP] = FLAG('h', "help", help, "this, or with a command its own help"),
        [OPTION_VERSION] = FLAG('V', "version", version, "the version"),
        [OPTION_FILE] = TEXT('f', "file", "FILE", files, "YAML or JSON; a directory: all in it; -: standard input"),
        [OPTION_COMMENT] = TEXT(0, "comment", "TEXT", comment, "goes with the revision"),
        [OPTION_FOR] = TEXT(0, "for", "TIME", for_time, "ends by itself after this time, as 30m or 2h"),
        [OPTION_REASON] = TEXT(0, "reason", "TEXT", reason,
                               "of drains, verdicts, accept: why; of else, with --force: why a rule is broken"),
        [OPTION_TYPE] = TEXT(0, "type", "TYPE", type, "of the question (A)"),
        [OPTION_CLIENT] = TEXT(0, "client", "ADDRESS", client, "who asks"),
        [OPTION_ORIGIN] = TEXT(0, "origin", "NAME", origin, "of the zone file, where it does not say"),
        [OPTION_ROLE] = TEXT(0, "role", "ROLE", role, "read, operate, edit, admin or prober"),
        [OPTION_PROBER] = TEXT(0, "prober", "NAME", prober, "whose token it is"),
        [OPTION_LIMIT] = TEXT(0, "limit", "N", limit, "at most so many"),
        [OPTION_REGION] = TEXT(0, "region", "NAME", region, "of this region"),
        [OPTION_POOL] = TEXT(0, "pool", "NAME", pool, "of this pool"),
        [OPTION_LABEL] = TEXT(0, "label", "LABEL", label, "with this label"),
        [OPTION_CIDR] = TEXT(0, "cidr", "CIDR", cidr, "endpoints with addresses in this network"),
        [OPTION_STATE] = TEXT(0, "state", "STATE", state, "in this state"),
        [OPTION_AT] = TEXT(0, "at", "TIME", at, "drain: begins then, as 2h; explain: as it was then"),
        [OPTION_OVER] = TEXT(0, "over", "TIME", over, "gradually, in ten steps over this time"),
        [OPTION_REPLACE] = FLAG(0, "replace", replace, "in the place of a drain that stands already"),
        [OPTION_DRY_RUN] = FLAG(0, "dry-run", dry_run, "show what would change, and change nothing"),
        [OPTION_IF_MATCH] =
                TEXT(0, "if-match", "REVISION", if_match, "only when nothing was changed since this revision"),
        [OPTION_EXIT_CODE] = FLAG(0, "exit-code", exit_code,
                                  "exit with 0 when all is as it should be, with 4 when something differed"),
        [OPTION_YES] = FLAG('y', "yes", yes, "do not ask"),
        [OPTION_PRUNE] = FLAG(0, "prune", prune, "delete what the document does not have, of every kind"),
        [OPTION_PRUNE_KIND] =
                TEXT(0, "prune-kind", "KIND,...", prune_kind, "delete what the document does not have of these kinds"),
        [OPTION_FORCE] = FLAG(0, "force", force,
                              "also what leaves clients without anything healthy; apply: also as with --overwrite"),
        [OPTION_OVERWRITE] = FLAG(0, "overwrite", overwrite, "also over what others changed since, and nothing more"),
        [OPTION_WITH_DRAINS] = FLAG(0, "with-drains", with_drains, "drains too"),
        [OPTION_DEFAULTS] = FLAG(0, "defaults", defaults, "write defaults out"),
        [OPTION_FOLLOW] = FLAG(0, "follow", follow, "go on with what comes"),
        [OPTION_ZONE] = TEXT(0, "zone", "NAME,...", zones, "its scope: records and services of these zones"),
        [OPTION_POOL_LABEL] =
                TEXT(0, "pool-label", "LABEL,...", pool_labels, "its scope: pools with one of these labels"),
        [OPTION_SERVICE] = TEXT(0, "service", "NAME", service, "of this service"),
        [OPTION_BY] = TEXT(0, "by", "WHAT", by, "service, region (of the clients), pool or endpoint"),
        [OPTION_SINCE] = TEXT(0, "since", "TIME", since, "from then on: 2h, 22:00, yesterday, 2026-01-31"),
        [OPTION_AUTHOR] = TEXT(0, "author", "NAME", author, "made with this token"),
        [OPTION_KINDS] = TEXT(0, "kinds", "KIND,...", kinds, "that change one of these kinds"),
        [OPTION_CHANGES] = FLAG(0, "changes", changes, "with what each changed"),
        [OPTION_FLAPPING] = FLAG(0, "flapping", flapping, "endpoints that went down three times or more"),
        [OPTION_DOWN] = TEXT(0, "down", "WHAT,...", down, "if these died: region/NAME, pool/NAME, endpoint/POOL/NAME"),
        [OPTION_SORT] = TEXT(0, "sort", "BY", sort, "rate, answers, name or state first"),
        [OPTION_WATCH] = FLAG('w', "watch", watch, "look again and again; on a pipe: print what changes"),
        [OPTION_INTERVAL] = TEXT(0, "interval", "TIME", interval, "with --watch: between two looks (2s)"),
        [OPTION_CONFIRM_WITHIN] =
                TEXT(0, "confirm-within", "TIME", confirm_within, "goes back by itself then, unless it is confirmed"),
        [OPTION_ABORT_IF] = TEXT(0, "abort-if", "CONDITION", abort_if, "goes back at once when this holds"),
        [OPTION_CHECK_FIRST] = FLAG(0, "check-first", check_first, "only when the checks that it brings pass"),
        [OPTION_CHECK_WITHIN] =
                TEXT(0, "check-within", "TIME", check_within, "with --check-first: how long that may take (2m)"),
        [OPTION_TO] = TEXT(0, "to", "POOL", to, "the pool that traffic goes to"),
        [OPTION_STEPS] = TEXT(0, "steps", "N,...", steps, "its shares one after the other, in percent, as 1,10,50,100"),
        [OPTION_WITH] = TEXT(0, "with", "FILE", files, "as if it were applied; a directory, - as of -f"),
        [OPTION_EVERY] = TEXT(0, "every", "TIME", every, "how long each step lasts (5m)"),
        [OPTION_NOW] = FLAG(0, "now", now, "by every prober, at once"),
};

#define LONG_ONLY 256 /* numbers of options without a letter begin here */

static bool option_take(struct ctl *c, enum option_number number, const char *text)
{
        char *at = (char *)c + table[number].offset;

        if (number == OPTION_FILE || number == OPTION_WITH) {
                if (c->file_count == CTL_FILES_MAX)
                        fprintf(stderr, "gslbctl: --%s: at most %d files; a directory is all files in it\n",
                                table[number].name, CTL_FILES_MAX);
                else
                        c->files[c->file_count++] = text;
                return c->file_count < CTL_FILES_MAX || text == c->files[CTL_FILES_MAX - 1];
        }
        if (table[number].takes)
                *(const char **)(void *)at = text;
        else
                *(bool *)at = true;
        return true;
}

const char *const output_names[] = {"table", "wide", "json", "yaml", "name", NULL};

static bool read_output(struct ctl *c)
{
        if (!terminal_colours(c->color, &c->colours)) {
                fprintf(stderr, "gslbctl: --color: expected auto, always or never, got \"%s\"\n", c->color);
                return false;
        }
        for (size_t i = 0; output_names[i]; i++)
                if (!c->output_name || !strcmp(c->output_name, output_names[i])) {
                        c->output = (enum output)i;
                        return true;
                }
        fprintf(stderr, "gslbctl: -o: expected table, wide, json, yaml or name, got \"%s\"\n", c->output_name);
        return false;
}

bool options_read(struct ctl *c, int argc, char **argv, uint64_t *given)
{
        struct option options[OPTION_COUNT + 1] = {{0}};
        char letters[OPTION_COUNT * 2 + 1] = "", *end = letters;
        int value;

        for (int i = 0; i < OPTION_COUNT; i++) {
                int number = table[i].letter ? table[i].letter : LONG_ONLY + i;
                options[i] =
                        (struct option){table[i].name, table[i].takes ? required_argument : no_argument, NULL, number};
                if (table[i].letter)
                        end += sprintf(end, "%c%s", table[i].letter, table[i].takes ? ":" : "");
        }
        *given = 0;
        while ((value = getopt_long(argc, argv, letters, options, NULL)) != -1) {
                int i = 0;
                while (i < OPTION_COUNT && options[i].val != value)
                        i++;
                if (i == OPTION_COUNT || !option_take(c, (enum option_number)i, optarg))
                        return false;
                *given |= OPTION_BIT(i);
        }
        c->argc = argc - optind;
        c->argv = argv + optind;
        return read_output(c);
}

enum option_number option_called(const char *word)
{
        int i = 0;

        while (i < OPTION_COUNT && (strncmp(word, "--", 2) || strcmp(word + 2, table[i].name)) &&
               (word[0] != '-' || !table[i].letter || word[1] != table[i].letter || word[2]))
                i++;
        return (enum option_number)i;
}

const char *option_long(enum option_number number)
{
        return table[number].name;
}

const char *option_takes(enum option_number number)
{
        return table[number].takes;
}

void option_name(enum option_number number, FILE *to)
{
        fprintf(to, "--%s%s%s", table[number].name, table[number].takes ? " " : "",
                table[number].takes ? table[number].takes : "");
}

#define HELP_COLUMN 29
#define HELP_WIDTH  80

/* Words, in lines that begin at the column of the help and fit a terminal. */
static void print_words(const char *text, int at, FILE *to)
{
        while (*text) {
                int length = (int)strcspn(text, " ");
                if (at > HELP_COLUMN && at + 1 + length > HELP_WIDTH)
                        at = fprintf(to, "\n%*s", HELP_COLUMN, "") - 1;
                else if (at > HELP_COLUMN)
                        at += fprintf(to, " ");
                at += fprintf(to, "%.*s", length, text);
                text += length;
                text += strspn(text, " ");
        }
        fprintf(to, "\n");
}

void options_help(uint64_t options, FILE *to)
{
        for (int i = 0; i < OPTION_COUNT; i++)
                if (options & OPTION_BIT(i)) {
                        const char *takes = table[i].takes ? table[i].takes : "";
                        int space = 20 - (int)strlen(table[i].name) - (int)strlen(takes);
                        fprintf(to, "  %s%c%s --%s %s%*s", table[i].letter ? "-" : " ",
                                table[i].letter ? table[i].letter : ' ', table[i].letter ? "," : " ", table[i].name,
                                takes, space > 1 ? space : 1, "");
                        print_words(table[i].help, HELP_COLUMN, to);
                }
}

struct doc *options_describe(uint64_t options, struct arena *a)
{
        struct doc *list = doc_new(a, DOC_LIST);

        for (int i = 0; i < OPTION_COUNT; i++)
                if (options & OPTION_BIT(i)) {
                        struct doc *one = doc_add_map(a, list, NULL);
                        doc_add_string(a, one, "name", table[i].name);
                        doc_add_string(a, one, "takes", table[i].takes);
                        doc_add_string(a, one, "letter",
                                       table[i].letter ? arena_printf(a, "%c", table[i].letter) : NULL);
                        doc_add_string(a, one, "help", table[i].help);
                }
        return list;
}
