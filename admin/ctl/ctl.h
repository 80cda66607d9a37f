/* admin/ctl/ctl.h: gslbctl: what its files share. One thread, one command, then the end. */
#ifndef ADMIN_CTL_CTL_H
#define ADMIN_CTL_CTL_H

#include <stdbool.h>
#include "base/arena.h"
#include "base/documents/doc.h"

/* Exit statuses. */
enum { CTL_OK = 0, CTL_REFUSED = 1, CTL_USAGE = 2, CTL_UNREACHABLE = 3 };

enum output { OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_YAML };

struct ctl {
        struct arena *arena;
        const char *server, *token_file, *ca_file;
        char token[256];
        enum output output;
        /* What commands take; NULL or false when not given. */
        const char *file, *comment, *for_time, *reason, *type, *client, *origin, *role, *prober, *limit;
        const char *select[4]; /* bulk: region, pool, label, cidr */
        bool dry_run, prune, defaults, follow;
        int argc; /* what is left: the arguments of the command */
        char **argv;
};

typedef int command(struct ctl *);

/* --- talking to the server (client.c) --- */

/* A reply's document in *out. CTL_OK, or a message was printed. `path` begins behind "/v1/". */
int ctl_call(struct ctl *, const char *method, const char *path, const struct doc *body, struct doc **out);
/* The same with a body as text of this content type. */
int ctl_send(struct ctl *, const char *method, const char *path, const char *content_type, const char *text, size_t length,
             struct doc **out);
/* Escapes a key for a path or a query. */
const char *ctl_escape(struct ctl *, const char *);
/* Reads a whole file, "-" is standard input. NULL: a message was printed. */
char *ctl_read_file(struct ctl *, const char *path, size_t *length);

/* --- showing (show.c) --- */

bool ctl_show_as_document(struct ctl *, const struct doc *); /* false: a table is wanted */
/* Rows of a list as a table: `columns` are "TITLE=member" or "TITLE=member.member", NULL-terminated. */
void ctl_table(const struct doc *rows, const char *const *columns);
void ctl_show_change(struct ctl *, const struct doc *reply);
const char *ctl_member(const struct doc *, const char *path, char *out, size_t size);

/* --- commands --- */
command ctl_get, ctl_apply, ctl_delete, ctl_schema;                                        /* config.c */
command ctl_bulk, ctl_region, ctl_pool, ctl_endpoint, ctl_drains, ctl_token, ctl_geo;                /* operate.c */
command ctl_health, ctl_explain, ctl_revisions, ctl_revision, ctl_rollback, ctl_events, ctl_ready; /* observe.c */
command ctl_zone;                                                                          /* zone.c */

#endif
