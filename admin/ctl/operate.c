/* Commands that take out and bring back, and those about tokens and databases. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/ctl/ctl.h"

/* Path of a region, pool or endpoint; endpoints are POOL/NAME. NULL: a message was printed. */
static const char *target_path(struct ctl *c, const char *kind, const char *name)
{
        if (strcmp(kind, "endpoints"))
                return arena_printf(c->arena, "%s/%s", kind, ctl_escape(c, name));
        const char *slash = strchr(name, '/');
        if (!slash) {
                fprintf(stderr, "gslbctl: expected POOL/ENDPOINT, got \"%s\"\n", name);
                return NULL;
        }
        return arena_printf(c->arena, "pools/%s/endpoints/%s",
                            ctl_escape(c, arena_strndup(c->arena, name, (size_t)(slash - name))),
                            ctl_escape(c, slash + 1));
}

static int drain(struct ctl *c, const char *path)
{
        struct doc *body = doc_new(c->arena, DOC_MAP), *reply;
        char until[60], safe[60];

        if (c->for_time)
                doc_add_string(c->arena, body, "for", c->for_time);
        if (c->reason)
                doc_add_string(c->arena, body, "reason", c->reason);
        int status = ctl_call(c, "POST", arena_printf(c->arena, "%s/drain", path), body, &reply);
        if (status || ctl_show_as_document(c, reply))
                return status;
        ctl_show_change(c, reply);
        ctl_member(reply, "drain.until", until, sizeof(until));
        printf("drained until %s; answers given before are in caches until %s\n", until[0] ? until : "it is restored",
               ctl_member(reply, "safe_at", safe, sizeof(safe)));
        return CTL_OK;
}

static int drain_or_restore(struct ctl *c, const char *kind)
{
        struct doc *reply;
        const char *path;

        if (c->argc != 2 || (strcmp(c->argv[0], "drain") && strcmp(c->argv[0], "restore"))) {
                fprintf(stderr, "gslbctl: expected drain NAME or restore NAME\n");
                return CTL_USAGE;
        }
        path = target_path(c, kind, c->argv[1]);
        if (!path)
                return CTL_USAGE;
        if (!strcmp(c->argv[0], "drain"))
                return drain(c, path);
        int status = ctl_call(c, "POST", arena_printf(c->arena, "%s/restore", path), NULL, &reply);
        if (!status)
                ctl_show_change(c, reply);
        return status;
}

int ctl_region(struct ctl *c)
{
        return drain_or_restore(c, "regions");
}

int ctl_pool(struct ctl *c)
{
        return drain_or_restore(c, "pools");
}

/* endpoint verdict POOL/NAME up|down */
static int say_verdict(struct ctl *c)
{
        struct doc *body = doc_new(c->arena, DOC_MAP), *reply;
        const char *path = target_path(c, "endpoints", c->argv[1]);

        if (!path)
                return CTL_USAGE;
        doc_add_string(c->arena, body, "state", c->argv[2]);
        if (c->for_time)
                doc_add_string(c->arena, body, "ttl", c->for_time);
        if (c->reason)
                doc_add_string(c->arena, body, "detail", c->reason);
        return ctl_call(c, "PUT", arena_printf(c->arena, "%s/verdict", path), body, &reply);
}

int ctl_endpoint(struct ctl *c)
{
        if (c->argc == 3 && !strcmp(c->argv[0], "verdict"))
                return say_verdict(c);
        return drain_or_restore(c, "endpoints");
}

int ctl_drains(struct ctl *c)
{
        static const char *const columns[] = {"NAME=name",     "SINCE=since", "UNTIL=until",
                                              "REASON=reason", "BY=by",       NULL};
        struct doc *d;
        int status = ctl_call(c, "GET", "drains", NULL, &d);

        if (!status && !ctl_show_as_document(c, d))
                ctl_table(doc_get(d, "items"), columns);
        return status;
}

/* drain, restore, weight N, enable, disable: the member of the request's body. false: wrong use. */
static bool bulk_action(struct ctl *c, struct doc *body)
{
        const char *word = c->argc ? c->argv[0] : "";
        char *end;

        if (!strcmp(word, "drain") && c->argc == 1) {
                struct doc *drain = doc_add_map(c->arena, body, "drain");
                if (c->for_time)
                        doc_add_string(c->arena, drain, "for", c->for_time);
                if (c->reason)
                        doc_add_string(c->arena, drain, "reason", c->reason);
        } else if (!strcmp(word, "weight") && c->argc == 2 && *c->argv[1]) {
                doc_add_int(c->arena, body, "weight", strtoll(c->argv[1], &end, 10));
                return !*end;
        } else if (!strcmp(word, "restore") && c->argc == 1) {
                doc_add_bool(c->arena, body, "restore", true);
        } else if ((!strcmp(word, "enable") || !strcmp(word, "disable")) && c->argc == 1) {
                doc_add_bool(c->arena, body, "enabled", word[0] == 'e');
        } else {
                return false;
        }
        return true;
}

int ctl_bulk(struct ctl *c)
{
        static const char *const selectors[] = {"region", "pool", "label", "cidr"};
        struct doc *body = doc_new(c->arena, DOC_MAP), *select = doc_add_map(c->arena, body, "select"), *reply;

        for (int i = 0; i < 4; i++)
                if (c->select[i])
                        doc_add_string(c->arena, select, selectors[i], c->select[i]);
        if (!select->count || !bulk_action(c, body)) {
                fprintf(stderr, "gslbctl: bulk: expected drain, restore, weight N, enable or disable, and one or more "
                                "of --region, --pool, "
                                "--label, --cidr\n");
                return CTL_USAGE;
        }
        int status = ctl_call(c, "POST", c->dry_run ? "bulk?dry_run=true" : "bulk", body, &reply);
        if (!status)
                ctl_show_change(c, reply);
        return status;
}

static int token_create(struct ctl *c)
{
        struct doc *body = doc_new(c->arena, DOC_MAP), *reply;

        if (!c->role) {
                fprintf(stderr, "gslbctl: token create: expected --role read, operate, admin or prober\n");
                return CTL_USAGE;
        }
        doc_add_string(c->arena, body, "name", c->argv[1]);
        doc_add_string(c->arena, body, "role", c->role);
        if (c->prober)
                doc_add_string(c->arena, body, "prober", c->prober);
        int status = ctl_call(c, "POST", "tokens", body, &reply);
        if (!status && !ctl_show_as_document(c, reply)) {
                fprintf(stderr, "The secret is shown this once:\n");
                printf("%s\n", doc_get_string(reply, "secret"));
        }
        return status;
}

int ctl_token(struct ctl *c)
{
        static const char *const columns[] = {"NAME=name", "ROLE=role", "PROBER=prober", NULL};
        struct doc *reply;
        int status;

        if (c->argc == 2 && !strcmp(c->argv[0], "create"))
                return token_create(c);
        if (c->argc == 2 && !strcmp(c->argv[0], "delete")) {
                status = ctl_call(c, "DELETE", arena_printf(c->arena, "tokens/%s", ctl_escape(c, c->argv[1])), NULL,
                                  &reply);
                if (!status)
                        ctl_show_change(c, reply);
                return status;
        }
        if (c->argc == 1 && !strcmp(c->argv[0], "list")) {
                status = ctl_call(c, "GET", "tokens", NULL, &reply);
                if (!status && !ctl_show_as_document(c, reply))
                        ctl_table(doc_get(reply, "items"), columns);
                return status;
        }
        fprintf(stderr, "gslbctl: token: expected list, create NAME --role ROLE or delete NAME\n");
        return CTL_USAGE;
}

int ctl_geo(struct ctl *c)
{
        static const char *const columns[] = {"PATH=path", "TYPE=type", "BUILT=built", NULL};
        struct doc *reply;

        if (c->argc != 1 || strcmp(c->argv[0], "reload")) {
                fprintf(stderr, "gslbctl: geo: expected reload\n");
                return CTL_USAGE;
        }
        int status = ctl_call(c, "POST", "geo/reload", NULL, &reply);
        if (!status && !ctl_show_as_document(c, reply))
                ctl_table(doc_get(reply, "geo"), columns);
        return status;
}
