/* Tokens and databases. */
#include <stdio.h>
#include <string.h>
#include "admin/ctl/ctl.h"

int ctl_token_list(struct ctl *c)
{
        static const char *const columns[] = {
                "NAME=name",           "ROLE=role",   "PROBER=prober",           "UNTIL=until",
                "LAST USED=last_used", "ZONES=zones", "POOL LABELS=pool_labels", NULL};
        struct doc *reply;
        int status = ctl_call(c, "GET", "tokens", NULL, &reply);

        if (!status && !ctl_show_as_document(c, reply))
                ctl_table(c, doc_get(reply, "items"), columns);
        return status;
}

/* "a,b" as a list. */
static void add_texts(struct ctl *c, struct doc *body, const char *name, const char *text)
{
        struct doc *list = text ? doc_add_list(c->arena, body, name) : NULL;

        while (text && *text) {
                size_t length = strcspn(text, ",");
                doc_add_string(c->arena, list, NULL, arena_strndup(c->arena, text, length));
                text += length + (text[length] == ',');
        }
}

int ctl_token_create(struct ctl *c)
{
        struct doc *body = doc_new(c->arena, DOC_MAP), *reply;

        if (!c->role) {
                fprintf(stderr, "gslbctl: token create: expected --role read, operate, edit, admin or prober\n");
                return CTL_USAGE;
        }
        doc_add_string(c->arena, body, "name", c->argv[0]);
        doc_add_string(c->arena, body, "role", c->role);
        if (c->prober)
                doc_add_string(c->arena, body, "prober", c->prober);
        add_texts(c, body, "zones", c->zones);
        add_texts(c, body, "pool_labels", c->pool_labels);
        if (c->for_time)
                doc_add_string(c->arena, body, "for", c->for_time);
        if (c->dry_run)
                return ctl_change(c, "POST", "tokens", body, NULL);
        int status = ctl_call(c, "POST", "tokens", body, &reply);
        if (status)
                return status;
        const char *secret = doc_get_string(reply, "secret");
        if (!ctl_show_as_document(c, reply) && secret) {
                fprintf(stderr, "The secret is shown this once:\n");
                printf("%s\n", secret);
        }
        return c->exit_code ? CTL_DIFFERENT : CTL_OK;
}

int ctl_token_delete(struct ctl *c)
{
        return ctl_change(c, "DELETE", arena_printf(c->arena, "tokens/%s", ctl_escape(c, c->argv[0])), NULL, NULL);
}

int ctl_geo_reload(struct ctl *c)
{
        static const char *const columns[] = {"PATH=path", "TYPE=type", "BUILT=built", NULL};
        struct doc *reply;
        int status = ctl_call(c, "POST", ctl_change_path(c, "geo/reload"), NULL, &reply);

        if (status || ctl_show_as_document(c, reply))
                return status;
        const struct doc *geo = doc_get(reply, "geo");
        if (geo && geo->count)
                ctl_table(c, geo, columns);
        else
                printf("no GeoIP database is configured; geo in gslbd.yaml names it\n");
        if (c->dry_run)
                printf("dry run: nothing was changed\n");
        ctl_show_traffic(c, doc_get(reply, "traffic"));
        return CTL_OK;
}
