/* Commands about the configuration: get, apply, delete, schema. */
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "admin/ctl/ctl.h"
#include "zones/config/model.h"

/* What a table of each kind shows. */
static const char *const columns[KIND_COUNT][8] = {
        [KIND_REGIONS] = {"NAME=name", "MATCH=match", "FALLBACK=fallback", "DEFAULT=default", NULL},
        [KIND_NETWORKS] = {"CIDR=cidr", "REGION=region", NULL},
        [KIND_MONITORS] = {"NAME=name", "TYPE=type", "PORT=port", "PATH=path", "INTERVAL=interval", "TIMEOUT=timeout",
                           NULL},
        [KIND_POOLS] = {"NAME=name", "REGION=region", "MONITOR=monitor", "BALANCE=balance", "ENDPOINTS=endpoints",
                        NULL},
        [KIND_ZONES] = {"NAME=name", "NS=ns", "TTL=ttl", NULL},
        [KIND_SERVICES] = {"NAME=name", "STEERING=steering", "TTL=ttl", "POOLS=pools", NULL},
        [KIND_PROBERS] = {"NAME=name", "REGION=region", "ENABLED=enabled", NULL},
        [KIND_TOKENS] = {"NAME=name", "ROLE=role", "PROBER=prober", NULL},
        [KIND_DRAINS] = {"NAME=name", "SINCE=since", "UNTIL=until", "REASON=reason", "BY=by", NULL},
};

/* "pool" and "pools" both mean the kind. */
static bool parse_kind(const char *text, enum kind *kind)
{
        char plural[80];

        snprintf(plural, sizeof(plural), "%ss", text);
        if (kind_parse(text, kind) || kind_parse(plural, kind))
                return true;
        fprintf(stderr, "gslbctl: there is no kind \"%s\"; expected one of", text);
        for (int k = 0; k < KIND_COUNT; k++)
                fprintf(stderr, "%s %s", k ? "," : "", kind_name((enum kind)k));
        fprintf(stderr, "\n");
        return false;
}

static int get_all(struct ctl *c)
{
        struct doc *d;
        int status = ctl_call(c, "GET", c->defaults ? "configuration?defaults=true" : "configuration", NULL, &d);

        if (status)
                return status;
        if (c->output == OUTPUT_TABLE)
                c->output = OUTPUT_YAML;
        ctl_show_as_document(c, d);
        return CTL_OK;
}

/* All pages of a list. */
static int get_list(struct ctl *c, enum kind kind, struct doc **items)
{
        const char *next = NULL;

        *items = doc_new(c->arena, DOC_LIST);
        do {
                struct doc *page, *list;
                const char *path = arena_printf(c->arena, "%s?limit=5000%s%s%s", kind_name(kind),
                                                c->defaults ? "&defaults=true" : "", next ? "&after=" : "",
                                                next ? ctl_escape(c, next) : "");
                int status = ctl_call(c, "GET", path, NULL, &page);
                if (status)
                        return status;
                list = doc_get(page, "items");
                for (struct doc *one = list ? list->first : NULL; one; one = one->next)
                        doc_add(*items, NULL, doc_copy(c->arena, one));
                next = doc_get_string(page, "next");
        } while (next);
        return CTL_OK;
}

int ctl_get(struct ctl *c)
{
        enum kind kind;
        struct doc *d;
        int status;

        if (c->argc == 0 || !strcmp(c->argv[0], "all"))
                return get_all(c);
        if (c->argc > 2 || !parse_kind(c->argv[0], &kind))
                return CTL_USAGE;
        if (c->argc == 1) {
                status = get_list(c, kind, &d);
                if (!status && !ctl_show_as_document(c, d))
                        ctl_table(d, columns[kind]);
                return status;
        }
        status = ctl_call(c, "GET",
                          arena_printf(c->arena, "%s/%s%s", kind_name(kind), ctl_escape(c, c->argv[1]),
                                       c->defaults ? "?defaults=true" : ""),
                          NULL, &d);
        if (status)
                return status;
        if (c->output == OUTPUT_TABLE)
                c->output = OUTPUT_YAML;
        ctl_show_as_document(c, d);
        return CTL_OK;
}

int ctl_apply(struct ctl *c)
{
        struct doc *reply;
        size_t length;

        if (!c->file || c->argc) {
                fprintf(stderr, "gslbctl: apply: expected -f FILE\n");
                return CTL_USAGE;
        }
        char *text = ctl_read_file(c, c->file, &length);
        if (!text)
                return CTL_USAGE;
        size_t n = strlen(c->file);
        bool json = n > 5 && !strcmp(c->file + n - 5, ".json");
        const char *path = arena_printf(c->arena, "apply?%s%s%s%s", c->dry_run ? "dry_run&" : "", c->prune ? "prune&" : "",
                                        c->comment ? "comment=" : "",
                                        c->comment ? ctl_escape(c, c->comment) : "");
        int status = ctl_send(c, "POST", path, json ? "application/json" : "application/yaml", text, length, &reply);
        if (!status)
                ctl_show_change(c, reply);
        return status;
}

int ctl_delete(struct ctl *c)
{
        struct doc *reply;
        enum kind kind;

        if (c->argc != 2) {
                fprintf(stderr, "gslbctl: delete: expected KIND NAME\n");
                return CTL_USAGE;
        }
        if (!parse_kind(c->argv[0], &kind))
                return CTL_USAGE;
        int status = ctl_call(c, "DELETE", arena_printf(c->arena, "%s/%s", kind_name(kind), ctl_escape(c, c->argv[1])),
                              NULL, &reply);
        if (!status)
                ctl_show_change(c, reply);
        return status;
}

/* "one of a, b", "1 to 9", "at most 16": what is between the type and the default. */
static void show_bounds(const struct doc *field, const char *type)
{
        const struct doc *values = doc_get(field, "values");
        char least[DURATION_TEXT_MAX], most[DURATION_TEXT_MAX];
        int64_t min, max;

        if (values) {
                printf(": ");
                doc_each (one, values)
                        printf("%s%s", one->string, one->next ? ", " : "");
        }
        if (!doc_get_int(field, "min", &min) || !doc_get_int(field, "max", &max))
                return;
        if (!strcmp(type, "duration"))
                printf(" from %s to %s", duration_format(min, least), duration_format(max, most));
        else if (!strcmp(type, "integer") || !strcmp(type, "number"))
                printf(" from %lld to %lld", (long long)min, (long long)max);
        else
                printf(" of at most %lld %s", (long long)max, !strcmp(type, "string") ? "bytes" : "items");
}

static void show_fields(const struct doc *schema, int columns_in)
{
        char type[80], fallback[80];
        const struct doc *fields = doc_get(schema, "fields");

        doc_each (field, fields) {
                const char *name = doc_get_string(field, "name"), *help = doc_get_string(field, "help");
                const struct doc *required = doc_get(field, "required"), *item = doc_get(field, "item");
                ctl_member(field, "type", type, sizeof(type));
                ctl_member(field, "default", fallback, sizeof(fallback));
                printf("%*s%s (%s", columns_in, "", name, type);
                show_bounds(field, type);
                printf("%s%s%s): %s\n", required && required->boolean ? ", required" : "",
                       fallback[0] ? ", default " : "", fallback, help ? help : "");
                if (item)
                        show_fields(item, columns_in + 4);
        }
}

int ctl_schema(struct ctl *c)
{
        struct doc *d;
        enum kind kind;
        int status;

        if (c->argc > 1 || (c->argc == 1 && !parse_kind(c->argv[0], &kind)))
                return CTL_USAGE;
        status = ctl_call(c, "GET", "schema", NULL, &d);
        if (status || ctl_show_as_document(c, c->argc ? doc_get(d, kind_name(kind)) : d))
                return status;
        doc_each (one, d)
                if (!c->argc || !strcmp(one->key, kind_name(kind))) {
                        printf("%s:\n", one->key);
                        show_fields(one, 2);
                }
        return CTL_OK;
}
