#include "admin/ctl/words.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "admin/ctl/options.h"
#include "zones/store/kind.h"

#define NAMES_MOST 200 /* who needs more types another letter */
#define WAIT       "1s"
#define WORDS_MOST 64

/* How many of the arguments name this command; 0: they do not. */
static int words_of(const struct verb *v, int argc, char **argv)
{
        size_t first = strcspn(v->name, " ");

        if (strlen(argv[0]) != first || strncmp(argv[0], v->name, first))
                return 0;
        if (!v->name[first])
                return 1;
        return argc > 1 && !strcmp(argv[1], v->name + first + 1) ? 2 : 0;
}

const struct verb *verb_called(const struct verb *verbs, size_t verb_count, char **words, int count, int *used)
{
        const struct verb *found = NULL;

        *used = 0;
        for (size_t i = 0; count && i < verb_count; i++)
                if (words_of(&verbs[i], count, words) > *used) {
                        *used = words_of(&verbs[i], count, words);
                        found = &verbs[i];
                }
        return found;
}

/* --- what may stand next --- */

static void offer(const char *word, const char *typed, const char *behind)
{
        if (!strncmp(word, typed, strlen(typed)))
                printf("%s%s\n", word, behind);
}

static void offer_all(const char *const *words, const char *typed)
{
        for (; *words; words++)
                offer(*words, typed, "");
}

/* Words of commands that may follow these. */
static void offer_verbs(const struct verb *verbs, size_t verb_count, char **words, int count, const char *typed)
{
        char word[40], last[40] = "";

        for (size_t i = 0; i < verb_count; i++) {
                const char *name = verbs[i].name;
                size_t first = strcspn(name, " ");
                if (count > 1 ||
                    (count == 1 && (!name[first] || strlen(words[0]) != first || strncmp(words[0], name, first))))
                        continue;
                if (count)
                        snprintf(word, sizeof(word), "%s", name + first + 1);
                else
                        snprintf(word, sizeof(word), "%.*s", (int)first, name);
                if (strcmp(word, last)) /* those of one first word stand together */
                        offer(word, typed, "");
                strcpy(last, word);
        }
}

/* Files are for the shell to find. */
static void offer_files(void)
{
        printf(":files\n");
}

/* --- names that the server has --- */

static bool ask(struct ctl *c, const char *path, struct doc **d)
{
        return !ctl_call(c, "GET", path, NULL, d) && doc_get(*d, "items") && doc_get(*d, "items")->type == DOC_LIST;
}

static void offer_names(struct ctl *c, const char *kind, const char *typed, const char *behind)
{
        struct doc *d;
        char name[600];

        if (!ask(c, arena_printf(c->arena, "%s?limit=%d&prefix=%s", kind, NAMES_MOST, ctl_escape(c, typed)), &d))
                return;
        doc_each (one, doc_get(d, "items"))
                offer(ctl_member(one, !strcmp(kind, "networks") ? "cidr" : "name", name, sizeof(name)), typed, behind);
}

/* Pools first; behind the slash their endpoints. */
static void offer_endpoints(struct ctl *c, const char *typed)
{
        const char *slash = strchr(typed, '/');
        struct doc *d;
        char name[300];

        if (!slash) {
                offer_names(c, "pools", typed, "/");
                return;
        }
        const char *pool = arena_strndup(c->arena, typed, (size_t)(slash - typed));
        if (!ask(c, arena_printf(c->arena, "pools/%s/endpoints", ctl_escape(c, pool)), &d))
                return;
        doc_each (one, doc_get(d, "items"))
                offer(arena_printf(c->arena, "%s/%s", pool, ctl_member(one, "name", name, sizeof(name))), typed, "");
}

/* What a word such as "pool" or "pools" has names of. false: it is no kind. */
static bool offer_items(struct ctl *c, const char *kind, const char *typed)
{
        size_t n = strlen(kind);

        if (!strncmp(kind, "endpoint", 8)) {
                offer_endpoints(c, typed);
                return true;
        }
        for (int k = 0; k < KIND_COUNT; k++) {
                const char *name = kind_name((enum kind)k);
                if (strncmp(name, kind, n) || strlen(name) - n > 1)
                        continue;
                if (kind_class((enum kind)k) != CLASS_OPERATION && !kind_only_key((enum kind)k))
                        offer_names(c, name, typed, "");
                return true;
        }
        return false;
}

/* --- values of options --- */

static void offer_value(struct ctl *c, enum option_number option, const char *typed)
{
        static const char *const when[] = {"auto", "always", "never", NULL};
        static const char *const roles[] = {"read", "operate", "edit", "admin", "prober", NULL};
        static const char *const states[] = {"up", "down", "unknown", "disabled", NULL};

        switch ((int)option) {
        case OPTION_OUTPUT:
                offer_all(output_names, typed);
                break;
        case OPTION_COLOR:
                offer_all(when, typed);
                break;
        case OPTION_ROLE:
                offer_all(roles, typed);
                break;
        case OPTION_STATE:
                offer_all(states, typed);
                break;
        case OPTION_FILE:
        case OPTION_TOKEN_FILE:
        case OPTION_CA_FILE:
        case OPTION_CERTIFICATE:
        case OPTION_KEY:
                offer_files();
                break;
        case OPTION_REGION:
                offer_names(c, "regions", typed, "");
                break;
        case OPTION_POOL:
                offer_names(c, "pools", typed, "");
                break;
        case OPTION_ZONE:
                offer_names(c, "zones", typed, "");
                break;
        case OPTION_PROBER:
                offer_names(c, "probers", typed, "");
                break;
        }
}

/* --- arguments --- */

static void offer_kinds(const char *typed)
{
        static const char *const kinds[] = {"region", "network", "monitor",  "pool",   "zone", "service",
                                            "prober", "rules",   "endpoint", "record", NULL};
        const char *const *k = kinds;

        for (; *k; k++)
                offer(*k, typed, "");
}

/* What stands at a place, as the command's arguments name it: "NAME" of the kind that the command begins with. */
static void offer_argument(struct ctl *c, const struct verb *v, char **words, int count, const char *typed)
{
        const char *at = v->arguments;

        for (int i = 0; i < count; i++)
                at += strcspn(at, " ") + (at[strcspn(at, " ")] == ' ');
        at += strspn(at, "[");
        size_t n = strcspn(at, " ]");
        if (!strncmp(at, "KIND", 4))
                offer_kinds(typed);
        else if (!strncmp(at, "FILE", 4))
                offer_files();
        else if (!strncmp(at, "POOL/", 5))
                offer_endpoints(c, typed);
        else if (!strncmp(at, "SERVICE", 7))
                offer_names(c, "services", typed, "");
        else if (!strncmp(at, "up|down", n) && n == 7)
                offer_all((const char *const[]){"up", "down", NULL}, typed);
        else if (!strncmp(at, "NAME", 4) && count && !strncmp(v->arguments + strspn(v->arguments, "["), "KIND", 4))
                offer_items(c, words[0], typed);
        else if (!strncmp(at, "NAME", 4) && strcmp(v->name, "token create") &&
                 !offer_items(c, arena_strndup(c->arena, v->name, strcspn(v->name, " ")), typed))
                offer_names(c, "services", typed, "");
}

static void offer_options(uint64_t options, const char *typed)
{
        for (int i = 0; i < OPTION_COUNT; i++)
                if (options & OPTION_BIT(i)) {
                        char name[80];
                        snprintf(name, sizeof(name), "--%s", option_long((enum option_number)i));
                        offer(name, typed, "");
                }
}

/* --- all of it --- */

/* The words before the one that is typed, without options; what they say of server and token is taken. *open: the
 * option whose value is typed; OPTION_COUNT: none. */
static int read_words(struct ctl *c, char **list, int count, char **words, enum option_number *open)
{
        int n = 0;

        *open = OPTION_COUNT;
        for (int i = 0; i < count; i++) {
                enum option_number o = option_called(list[i]);
                if (o == OPTION_COUNT) {
                        if (*list[i] != '-' && n < WORDS_MOST)
                                words[n++] = list[i];
                } else if (option_takes(o) && i + 1 == count) {
                        *open = o;
                } else if (option_takes(o)) {
                        i++;
                        if (o == OPTION_SERVER)
                                c->server = list[i];
                        else if (o == OPTION_TOKEN_FILE)
                                c->token_file = list[i];
                        else if (o == OPTION_CA_FILE)
                                c->ca_file = list[i];
                        else if (o == OPTION_CERTIFICATE)
                                c->certificate = list[i];
                        else if (o == OPTION_KEY)
                                c->key = list[i];
                }
        }
        return n;
}

int words_complete(struct ctl *c, const struct verb *verbs, size_t verb_count)
{
        const char *typed = c->argc ? c->argv[c->argc - 1] : "";
        char *words[WORDS_MOST];
        enum option_number open;
        int quiet = openat(AT_FDCWD, "/dev/null", O_WRONLY | O_CLOEXEC);

        if (quiet >= 0)
                dup2(quiet, STDERR_FILENO); /* who types is told nothing of what goes wrong */
        int count = read_words(c, c->argv, c->argc ? c->argc - 1 : 0, words, &open), used;
        c->timeout = WAIT;
        c->output = OUTPUT_JSON;
        if (open != OPTION_COUNT) {
                offer_value(c, open, typed);
                return CTL_OK;
        }
        const struct verb *v = verb_called(verbs, verb_count, words, count, &used);
        if (*typed != '-' && (!v || count == used))
                offer_verbs(verbs, verb_count, words, count, typed);
        if (v && *typed != '-' && (v->most < 0 || count - used < v->most))
                offer_argument(c, v, words + used, count - used, typed);
        if (!*typed || *typed == '-')
                offer_options(OPTIONS_GENERAL | (v ? v->options : 0), typed);
        return CTL_OK;
}
