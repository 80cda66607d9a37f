/* Commands about the configuration: get, apply, delete, schema. */
#include <stdio.h>
#include <string.h>
#include "admin/ctl/ctl.h"
#include "base/clock.h"
#include "zones/store/kind.h"

/* What a table of each kind shows. */
static const char *const columns[KIND_COUNT][12] = {
        [KIND_REGIONS] = {"NAME=name", "MATCH=match", "FALLBACK=fallback", "DEFAULT=default", "+LOCATION=location",
                          NULL},
        [KIND_NETWORKS] = {"CIDR=cidr", "REGION=region", NULL},
        [KIND_MONITORS] = {"NAME=name", "TYPE=type", "PORT=port", "PATH=path", "INTERVAL=interval", "TIMEOUT=timeout",
                           "+RISE=rise", "+FALL=fall", "+PROBERS=probers", NULL},
        [KIND_POOLS] = {"NAME=name", "REGION=region", "MONITOR=monitor", "BALANCE=balance", "+MIN HEALTHY=min_healthy",
                        "+ENABLED=enabled", "+LABELS=labels", "ENDPOINTS=endpoints", NULL},
        [KIND_ZONES] = {"NAME=name", "NS=ns", "TTL=ttl", "+CONTACT=soa.contact", NULL},
        [KIND_SERVICES] = {"NAME=name", "STEERING=steering", "TTL=ttl", "+ENABLED=enabled", "+ALL DOWN=when_all_down",
                           "+FAILBACK=failback", "POOLS=pools", NULL},
        [KIND_PROBERS] = {"NAME=name", "REGION=region", "ENABLED=enabled", NULL},
        [KIND_TOKENS] = {"NAME=name", "ROLE=role", "PROBER=prober", NULL},
};

/* --- get --- */

/* A whole document; where a table is the default, as YAML. */
static int get_document(struct ctl *c, const char *path)
{
        struct doc *d;
        int status =
                ctl_call(c, "GET", arena_printf(c->arena, "%s%s", path, c->defaults ? "?defaults=true" : ""), NULL, &d);

        if (status)
                return status;
        if (ctl_is_table(c))
                c->output = OUTPUT_YAML;
        ctl_show_as_document(c, d);
        return CTL_OK;
}

/* All of a list, with the defaults or without. */
static int get_list(struct ctl *c, const char *what, bool defaults, struct doc **items)
{
        const char *path = arena_printf(c->arena, "%s?%s%s", what, defaults ? "defaults=true" : "", ctl_filters(c));
        struct doc *all;
        int status = ctl_pages(c, path, &all);

        *items = status ? NULL : doc_get(all, "items");
        if (!*items || (*items)->type != DOC_LIST)
                *items = doc_new(c->arena, DOC_LIST);
        return status;
}

/* A table tells what is in force, be it written or a default. */
static int get_kind(struct ctl *c, enum kind kind)
{
        struct doc *d;
        int status = get_list(c, kind_name(kind), c->defaults || ctl_is_table(c), &d);

        if (!status && !ctl_show_as_document(c, d))
                ctl_table(c, d, columns[kind]);
        return status;
}

/* Endpoints of all pools, records of all zones. */
static int get_parts(struct ctl *c, const char *parts, const char *const *titles)
{
        struct doc *d;
        int status = get_list(c, parts, c->defaults || ctl_is_table(c), &d);
        int64_t ttl;

        if (status || ctl_show_as_document(c, d))
                return status;
        for (struct doc *one = d->first; one; one = one->next)
                if (doc_get_int(one, "ttl", &ttl) && ttl < 0) /* not its own */
                        doc_set(one, "ttl", doc_string(c->arena, "zone's"));
        ctl_table(c, d, titles);
        return CTL_OK;
}

/* Whether a word is a name of many, or of one without its last letter. */
static bool names(const char *word, const char *many)
{
        return !strcmp(word, many) || (strlen(word) + 1 == strlen(many) && !strncmp(word, many, strlen(word)));
}

/* What is one document is not told apart. */
static bool takes_filters(const struct ctl *c)
{
        if (!c->region && !c->pool && !c->label && !c->state)
                return true;
        fprintf(stderr,
                "gslbctl: get: --region, --pool, --label and --state go with a list, as in gslbctl get pools\n");
        return false;
}

int ctl_get(struct ctl *c)
{
        static const char *const endpoints[] = {"=pool/name",         "POOL=pool",      "NAME=name",
                                                "ADDRESS=address",    "WEIGHT=weight",  "ENABLED=enabled",
                                                "+PRIORITY=priority", "+LABELS=labels", NULL};
        static const char *const records[] = {"=zone/name/type", "ZONE=zone", "NAME=name", "TYPE=type",
                                              "TTL=ttl",         "DATA=data", NULL};
        enum kind kind;

        if (c->argc == 0 || !strcmp(c->argv[0], "all"))
                return takes_filters(c) ? get_document(c, "configuration") : CTL_USAGE;
        if (c->argc == 1 && names(c->argv[0], "endpoints"))
                return get_parts(c, "endpoints", endpoints);
        if (c->argc == 1 && names(c->argv[0], "records"))
                return get_parts(c, "records", records);
        if (c->argc == 1 && names(c->argv[0], "drains"))
                return ctl_drains(c);
        if (c->argc == 1 && names(c->argv[0], "holds"))
                return ctl_holds(c);
        if (c->argc > 1 || names(c->argv[0], "rules")) {
                const char *path = takes_filters(c) ? ctl_item_alone(c) : NULL;
                return path ? get_document(c, path) : CTL_USAGE;
        }
        const char *path = ctl_item_path(c, c->argv[0], "x/x/x");
        if (!path)
                return CTL_USAGE;
        const char *name = arena_strndup(c->arena, path, strcspn(path, "/"));
        return kind_parse(name, &kind) ? get_kind(c, kind) : CTL_USAGE;
}

/* --- apply, delete --- */

static const char *apply_path(struct ctl *c)
{
        const char *over = c->overwrite ? "overwrite=true" : "";

        if (c->prune_kind)
                return arena_printf(c->arena, "apply?prune_kind=%s%s%s", ctl_escape(c, c->prune_kind), *over ? "&" : "",
                                    over);
        if (c->prune)
                return arena_printf(c->arena, "apply?prune=true%s%s", *over ? "&" : "", over);
        return *over ? arena_printf(c->arena, "apply?%s", over) : "apply";
}

int ctl_apply(struct ctl *c)
{
        struct ctl_body body;

        return ctl_read_files(c, &body) ? ctl_change_asking(c, "POST", apply_path(c), &body) : CTL_USAGE;
}

int ctl_plan(struct ctl *c)
{
        struct doc *d;

        if (!c->down == !c->file_count) {
                fprintf(stderr, "gslbctl: plan: expected -f FILE or --down WHAT%s\n", c->down ? ", not both" : "");
                return CTL_USAGE;
        }
        if (!c->down) {
                c->dry_run = true;
                return ctl_apply(c);
        }
        int status = ctl_call(c, "GET", arena_printf(c->arena, "plan?down=%s", ctl_escape(c, c->down)), NULL, &d);
        if (status)
                return status;
        const struct doc *traffic = doc_get(d, "traffic"), *answers = doc_get(traffic, "answers");
        if (!ctl_show_as_document(c, d)) {
                if (answers && answers->type == DOC_INT && !answers->integer)
                        printf("nobody has asked in the last hour: there is no traffic to look at\n");
                ctl_show_traffic(c, traffic);
        }
        return c->exit_code && ctl_leaves_nobody(traffic) ? CTL_DIFFERENT : CTL_OK;
}

int ctl_delete(struct ctl *c)
{
        const char *path = ctl_item_alone(c);
        return path ? ctl_change(c, "DELETE", path, NULL, NULL) : CTL_USAGE;
}

/* --- schema --- */

/* "one of a, b", "1 to 9", "at most 16": what is between the type and the default. */
static void show_bounds(const struct doc *field, const char *type)
{
        const struct doc *values = doc_get(field, "values");
        char least[DURATION_TEXT_MAX], most[DURATION_TEXT_MAX], text[100];
        int64_t min, max;

        if (values && values->type == DOC_LIST) {
                printf(": ");
                doc_each (one, values)
                        printf("%s%s", ctl_member(one, "", text, sizeof(text)), one->next ? ", " : "");
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

static void show_type(const struct doc *field)
{
        const struct doc *required = doc_get(field, "required");
        char type[80], fallback[200];

        printf("%s", ctl_member(field, "type", type, sizeof(type)));
        show_bounds(field, type);
        if (required && required->type == DOC_BOOL && required->boolean)
                printf(", required");
        if (*ctl_member(field, "default", fallback, sizeof(fallback)))
                printf(", default %s", fallback);
}

static void show_fields(const struct doc *schema, int columns_in)
{
        const struct doc *fields = doc_get(schema, "fields");

        for (const struct doc *field = fields && fields->type == DOC_LIST ? fields->first : NULL; field;
             field = field->next) {
                const char *name = doc_get_string(field, "name"), *help = doc_get_string(field, "help");
                printf("%*s%s (", columns_in, "", name ? name : "?");
                show_type(field);
                printf("): %s\n", help ? help : "");
                if (doc_get(field, "item"))
                        show_fields(doc_get(field, "item"), columns_in + 4);
        }
}

int ctl_schema(struct ctl *c)
{
        struct doc *d;
        enum kind kind;

        if (c->argc == 1 && !kind_parse(c->argv[0], &kind) &&
            !kind_parse(arena_printf(c->arena, "%ss", c->argv[0]), &kind)) {
                ctl_item_path(c, c->argv[0], ""); /* says which there are */
                return CTL_USAGE;
        }
        int status = ctl_call(c, "GET", "schema", NULL, &d);
        if (status)
                return status;
        const struct doc *wanted = c->argc ? doc_get(d, kind_name(kind)) : d;
        if (!wanted || ctl_show_as_document(c, wanted))
                return wanted ? CTL_OK : CTL_REFUSED;
        doc_each (one, d)
                if (!c->argc || one == wanted) {
                        printf("%s:\n", one->key);
                        show_fields(one, 2);
                }
        return CTL_OK;
}
