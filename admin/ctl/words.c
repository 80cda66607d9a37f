#include "admin/ctl/words.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "admin/ctl/options.h"
#include "zones/config/drain.h"
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

/* What is typed; of a list with commas, or a path, what stands before `head` is as it is. */
struct typing {
        struct ctl *c;
        const char *text;
        size_t head;
};

/* The same behind the last of these. */
static struct typing typing_behind(const struct typing *t, char separator)
{
        const char *last = strrchr(t->text + t->head, separator);

        return last ? (struct typing){t->c, t->text, (size_t)(last + 1 - t->text)} : *t;
}

static void offer(const struct typing *t, const char *word, const char *behind)
{
        const char *rest = t->text + t->head;

        if (!strncmp(word, rest, strlen(rest)))
                printf("%.*s%s%s\n", (int)t->head, t->text, word, behind);
}

static void offer_all(const struct typing *t, const char *const *words)
{
        for (; *words; words++)
                offer(t, *words, "");
}

/* Words of commands that may follow these. */
static void offer_verbs(const struct typing *t, const struct verb *verbs, size_t verb_count, char **words, int count)
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
                        offer(t, word, "");
                strcpy(last, word);
        }
}

/* Files are for the shell to find. */
static void offer_files(void)
{
        printf(":files\n");
}

/* --- names that the server has --- */

/* A member of each item of a list. */
static void offer_from(const struct typing *t, const char *path, const char *member, const char *behind)
{
        struct doc *d;
        char name[600];

        if (ctl_call(t->c, "GET", path, NULL, &d) || !doc_get(d, "items") || doc_get(d, "items")->type != DOC_LIST)
                return;
        doc_each (one, doc_get(d, "items"))
                offer(t, ctl_member(one, member, name, sizeof(name)), behind);
}

static void offer_names(const struct typing *t, const char *kind, const char *behind)
{
        const char *path = arena_printf(t->c->arena, "%s?limit=%d&prefix=%s", kind, NAMES_MOST,
                                        ctl_escape(t->c, t->text + t->head));

        offer_from(t, path, !strcmp(kind, "networks") ? "cidr" : "name", behind);
}

/* Pools first; behind the slash their endpoints. */
static void offer_endpoints(const struct typing *t)
{
        const char *pool = t->text + t->head, *slash = strchr(pool, '/');

        if (!slash) {
                offer_names(t, "pools", "/");
                return;
        }
        const struct typing behind = {t->c, t->text, (size_t)(slash + 1 - t->text)};
        pool = arena_strndup(t->c->arena, pool, (size_t)(slash - pool));
        offer_from(&behind, arena_printf(t->c->arena, "pools/%s/endpoints", ctl_escape(t->c, pool)), "name", "");
}

/* The kind that a word such as "pool" or "pools" is. false: none. */
static bool kind_meant(const char *word, enum kind *kind)
{
        size_t n = strlen(word);

        for (int k = 0; k < KIND_COUNT; k++) {
                const char *name = kind_name((enum kind)k);
                if (strncmp(name, word, n) || strlen(name) - n > 1)
                        continue;
                *kind = (enum kind)k;
                return true;
        }
        return false;
}

/* What such a word has names of. false: it is no kind. */
static bool offer_items(const struct typing *t, const char *word)
{
        enum kind kind;

        if (!strncmp(word, "endpoint", 8)) {
                offer_endpoints(t);
                return true;
        }
        if (!kind_meant(word, &kind))
                return false;
        if (kind_class(kind) != CLASS_OPERATION && !kind_only_key(kind))
                offer_names(t, kind_name(kind), "");
        return true;
}

/* --- values of options --- */

/* Of options whose values are known, and of which command; NULL: of all others. */
static const struct {
        enum option_number option;
        const char *verb;
        const char *const *values;
} option_values[] = {
#define VALUES(option, verb, ...)                                                                                      \
        {                                                                                                              \
                option, verb, (const char *const[])                                                                    \
                {                                                                                                      \
                        __VA_ARGS__, NULL                                                                              \
                }                                                                                                      \
        }
        {OPTION_OUTPUT, NULL, output_names},
        VALUES(OPTION_COLOR, NULL, "auto", "always", "never"),
        VALUES(OPTION_ROLE, NULL, "read", "operate", "edit", "admin", "prober"),
        VALUES(OPTION_STATE, "drains", "waiting", "going", "in force"),
        VALUES(OPTION_STATE, "events", "up", "down", "unknown"),
        VALUES(OPTION_STATE, NULL, "up", "down", "unknown", "not monitored", "disabled"),
        VALUES(OPTION_BY, NULL, "service", "region", "pool", "endpoint"),
        VALUES(OPTION_SORT, NULL, "rate", "answers", "name", "state"),
        VALUES(OPTION_TYPE, NULL, "A", "AAAA", "CNAME", "HTTPS", "SVCB", "MX", "NS", "SOA", "SRV", "TXT"),
};

/* Of options whose values are names of the server; of lists with commas the last one. */
static const struct {
        enum option_number option;
        const char *kind;
} option_names[] = {
        {OPTION_REGION, "regions"}, {OPTION_POOL, "pools"}, {OPTION_SERVICE, "services"}, {OPTION_ZONE, "zones"},
        {OPTION_PROBER, "probers"}, {OPTION_TO, "pools"},   {OPTION_AUTHOR, "tokens"},
};

/* What may die: "region/eu,endpoint/web-eu/eu1". */
static void offer_down(const struct typing *t)
{
        const char *rest = t->text + t->head, *target;
        enum drain_scope scope;

        if (!strchr(rest, '/')) {
                for (int i = DRAIN_REGION; i <= DRAIN_ENDPOINT; i++)
                        offer(t, drain_scope_name((enum drain_scope)i), "/");
        } else if (drain_key_parse(rest, &scope, &target)) {
                const struct typing behind = {t->c, t->text, (size_t)(target - t->text)};
                offer_items(&behind, drain_scope_name(scope));
        }
}

static void offer_kinds_of_list(const struct typing *t, bool configuration_alone)
{
        for (int k = 0; k < KIND_COUNT; k++)
                if (!configuration_alone || kind_class((enum kind)k) == CLASS_CONFIGURATION)
                        offer(t, kind_name((enum kind)k), "");
}

static void offer_value(const struct typing *typed, enum option_number option, const struct verb *v)
{
        const struct typing last = typing_behind(typed, ',');
        const struct typing *t = strchr(option_takes(option), ',') ? &last : typed;

        if (!strcmp(option_takes(option), "FILE"))
                offer_files();
        else if (option == OPTION_DOWN)
                offer_down(t);
        else if (option == OPTION_KINDS || option == OPTION_PRUNE_KIND)
                offer_kinds_of_list(t, option == OPTION_PRUNE_KIND);
        for (size_t i = 0; i < sizeof(option_names) / sizeof(*option_names); i++)
                if (option_names[i].option == option)
                        offer_names(t, option_names[i].kind, "");
        for (size_t i = 0; i < sizeof(option_values) / sizeof(*option_values); i++)
                if (option_values[i].option == option &&
                    (!option_values[i].verb || (v && !strcmp(v->name, option_values[i].verb)))) {
                        offer_all(t, option_values[i].values);
                        break;
                }
}

/* --- arguments --- */

static void offer_kinds(const struct typing *t)
{
        static const char *const kinds[] = {"region", "network", "monitor",  "pool",   "zone", "service",
                                            "prober", "rules",   "endpoint", "record", NULL};

        offer_all(t, kinds);
}

/* The fields of a kind or of its parts; NULL: none, or the server has not said. */
static const struct doc *fields_of(struct ctl *c, enum kind kind, const char *part)
{
        struct doc *d;
        const struct doc *fields = NULL;

        if (!ctl_call(c, "GET", "schema", NULL, &d))
                fields = doc_get(doc_get(d, kind_name(kind)), "fields");
        for (const struct doc *f = part && fields ? fields->first : NULL; f; f = f->next) {
                const char *name = doc_get_string(f, "name");
                if (name && !strcmp(name, part))
                        return doc_get(doc_get(f, "item"), "fields");
        }
        return part ? NULL : fields;
}

/* What of an item can be set. */
static void offer_members(const struct typing *t, const char *word, const char *item)
{
        bool endpoint = !strncmp(word, "endpoint", 8), record = !strncmp(word, "record", 6);
        const char *part = strchr(item, '/') || endpoint || record ? "endpoints" : NULL;
        enum kind kind;

        if (!kind_meant(endpoint ? "pools" : record ? "zones" : word, &kind) || strchr(t->text, '='))
                return;
        const struct doc *fields = fields_of(t->c, kind, part && kind == KIND_ZONES ? "records" : part);
        for (const struct doc *f = fields ? fields->first : NULL; f; f = f->next)
                if (doc_get_string(f, "name"))
                        offer(t, doc_get_string(f, "name"), "=");
}

/* What a command that is about something under way may be about. false: it is not such a command. */
static bool offer_under_way(const struct typing *t, const char *verb)
{
        static const struct {
                const char *verb, *path, *member;
        } lists[] = {{"confirm", "confirms", "name"},    {"shift pause", "shifts", "name"},
                     {"shift resume", "shifts", "name"}, {"shift abort", "shifts", "name"},
                     {"trial", "trials", "id"},          {"trial abort", "trials", "id"}};

        for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
                if (!strcmp(verb, lists[i].verb)) {
                        offer_from(t, lists[i].path, lists[i].member, "");
                        return true;
                }
        return false;
}

/* What stands at a place, as the command's arguments name it: "NAME" of the kind that the command begins with. */
static void offer_argument(const struct typing *t, const struct verb *v, char **words, int count)
{
        const char *at = v->arguments;

        for (int i = 0; i < count && strncmp(at, "MEMBER", 6); i++)
                at += strcspn(at, " ") + (at[strcspn(at, " ")] == ' ');
        at += strspn(at, "[");
        const char *place = arena_strndup(t->c->arena, at, strcspn(at, " /=[]"));
        bool of_kind = !strncmp(v->arguments + strspn(v->arguments, "["), "KIND", 4);
        enum kind kind;
        if (offer_under_way(t, v->name))
                return;
        if (!strcmp(place, "KIND"))
                offer_kinds(t);
        else if (!strcmp(place, "FILE") || !strcmp(place, "DIRECTORY"))
                offer_files();
        else if (!strcmp(place, "POOL"))
                offer_endpoints(t);
        else if (!strcmp(place, "SERVICE"))
                offer_names(t, "services", "");
        else if (!strcmp(place, "NUMBER"))
                offer_from(t, "revisions?limit=20", "number", "");
        else if (!strcmp(place, "MEMBER"))
                offer_members(t, words[0], count > 1 ? words[1] : "");
        else if (!strcmp(place, "up|down"))
                offer_all(t, (const char *const[]){"up", "down", NULL});
        else if (!strcmp(place, "NAME") && count && !strcmp(v->name, "set") && kind_meant(words[0], &kind) &&
                 kind_only_key(kind)) /* it has no names */
                offer_members(t, words[0], "");
        else if (!strcmp(place, "NAME") && count && of_kind)
                offer_items(t, words[0]);
        else if (!strcmp(place, "NAME") && strcmp(v->name, "token create") &&
                 !offer_items(t, arena_strndup(t->c->arena, v->name, strcspn(v->name, " "))))
                offer_names(t, "services", "");
}

static void offer_options(const struct typing *t, uint64_t options)
{
        for (int i = 0; i < OPTION_COUNT; i++)
                if (options & OPTION_BIT(i)) {
                        char name[80];
                        snprintf(name, sizeof(name), "--%s", option_long((enum option_number)i));
                        offer(t, name, "");
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
        const struct typing t = {c, c->argc ? c->argv[c->argc - 1] : "", 0};
        char *words[WORDS_MOST];
        enum option_number open;
        int quiet = openat(AT_FDCWD, "/dev/null", O_WRONLY | O_CLOEXEC);

        if (quiet >= 0)
                dup2(quiet, STDERR_FILENO); /* who types is told nothing of what goes wrong */
        int count = read_words(c, c->argv, c->argc ? c->argc - 1 : 0, words, &open), used;
        const struct verb *v = verb_called(verbs, verb_count, words, count, &used);
        c->timeout = WAIT;
        c->output = OUTPUT_JSON;
        if (open != OPTION_COUNT) {
                offer_value(&t, open, v);
                return CTL_OK;
        }
        if (*t.text != '-' && (!v || count == used))
                offer_verbs(&t, verbs, verb_count, words, count);
        if (v && *t.text != '-' && (v->most < 0 || count - used < v->most))
                offer_argument(&t, v, words + used, count - used);
        if (!*t.text || *t.text == '-')
                offer_options(&t, OPTIONS_GENERAL | (v ? v->options : 0));
        return CTL_OK;
}
