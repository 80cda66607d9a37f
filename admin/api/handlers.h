/* admin/api/handlers.h: what the calls of the API do, one file per group; admin/api/routes.c says which path leads
 * where. */
#ifndef ADMIN_API_HANDLERS_H
#define ADMIN_API_HANDLERS_H

#include "admin/control/control.h"
#include "admin/http/http.h"
#include "admin/views/filter.h"
#include "zones/store/store.h"

typedef void handler(struct call *);

enum body_size {
        BODY_NONE,   /* none, or {} */
        BODY_SMALL,  /* 1 MiB */
        BODY_REPORT, /* 16 MiB: a prober's */
        BODY_ITEM,   /* as large for zones and pools, small for other kinds */
        BODY_LARGE,  /* 128 MiB: whole configurations */
        BODY_BACKUP, /* 256 MiB, of any type */
};

/* What If-Match is compared with: the revision alone, or an item's tag too. */
enum route_match {
        MATCH_REVISION,
        MATCH_TARGET, /* the region, pool or endpoint that the path names */
        MATCH_ITEM,   /* the handler compares */
};

/* What a token with a scope may do of it. What says nothing is not for such tokens. */
enum route_reach {
        REACH_NONE,
        REACH_ANY,     /* it is about nobody's in particular */
        REACH_PATH,    /* when what the path names is in its scope */
        REACH_CHANGES, /* when all that it changes is; reply_change looks */
        REACH_PART,    /* the handler leaves out what is not */
};

/* Whether the handler runs beside other work, on the builder's thread: it looks at nothing but the call, the store and
 * the model in force until it comes to reply_change. */
enum route_beside {
        BESIDE_NEVER,
        BESIDE_LARGE, /* when the body is large, or what it says of the rest */
        BESIDE_ALWAYS
};

/* A call that the API knows. */
struct route {
        enum method method;
        const char *pattern; /* {} is any segment, {kind} the name of a kind */
        enum role needs;
        handler *run;
        uint64_t parameters;        /* bits of PARAMETER() */
        uint32_t limit, limit_most; /* the default and bound of the parameter limit */
        bool changes;               /* something; has dry_run then */
        bool constant;              /* machines call it all the time: it is in the audit log when it is refused alone */
        enum body_size body;
        const struct schema *form; /* of the body, when it is no item of a kind */
        enum kind kind;            /* that the path is about, when the pattern has no {kind} */
        enum drain_scope scope;
        enum route_match match;
        enum route_reach reach;
        enum route_beside beside;
        bool apart;    /* it looks at nothing that the control thread has, and does not wait for that */
        handler *read; /* makes of the body what the call needs, before that runs; looks at nothing in force. NULL: no
                          more is made of it than a document. Of a call without a body: makes what takes long, always on
                          a lane */
};
#define ROUTE_OPEN ((enum role) - 1) /* needs no token */

/* Whether {kind} stands for it. Tokens and operations have calls of their own, and rules are one document. */
static inline bool route_takes_kind(enum kind kind)
{
        return kind_class(kind) == CLASS_CONFIGURATION && !kind_only_key(kind);
}

extern const struct route routes[];
extern const size_t route_count;

/* handle_items.c: collections and items of every kind */
handler handle_list, handle_create, handle_get, handle_put, handle_patch, handle_delete;
/* What of a list is asked for. false: a reply was sent. */
bool call_filter(struct call *, enum kind, struct filter *);
/* handle_parts.c: records of zones and endpoints of pools */
handler handle_parts_list, handle_part_create, handle_part_get, handle_part_put, handle_part_patch, handle_part_delete,
        handle_all_parts;
/* handle_apply.c */
/* What read_apply made of the body; false: a reply was sent. */
bool call_changes(struct call *, struct change **, size_t *count);
handler read_apply, handle_apply, make_configuration, handle_configuration, handle_schema;
/* handle_drain.c */
/* The body of a drain. */
struct drain_form {
        int64_t for_ms; /* from when it begins; 0: until restored */
        int64_t at_ms;  /* wall time; 0: now */
        int64_t over_ms;
        bool replace;
        const char *reason;
};
/* The document of a drain that is asked for. */
struct doc *drain_made(struct call *, const char *key, const struct drain_form *);
/* Whether no drain stands under the keys of these changes, or it may be replaced: then `extra` names it. false: 409 was
 * sent. */
bool drains_free_to(struct call *, const struct drain_form *, const struct change *, size_t count, struct doc *extra);
extern const struct schema drain_form_schema;
handler handle_drain, handle_restore, handle_drain_list, handle_failback, handle_hold_list;
/* handle_figures.c */
handler handle_plan, read_report, handle_report;
extern const struct schema figures_form_schema, verdict_form_schema;
handler handle_figures, handle_verdict, handle_try, handle_try_get;
/* handle_backup.c */
handler make_backup, handle_backup, read_backup, handle_backup_restore;
/* handle_bulk.c */
extern const struct schema bulk_form_schema;
handler handle_bulk;
/* handle_tokens.c */
handler handle_token_create;
/* handle_observe.c */
extern const struct schema accept_form_schema;
handler handle_live, handle_ready, handle_events, handle_explain, handle_explain_with, handle_health_accept,
        handle_limits, handle_schedules, handle_geo_reload;
/* handle_traffic.c */
handler handle_traffic, handle_forecast;
/* handle_health.c */
handler handle_health, handle_health_one, handle_serials, handle_status, handle_status_one;
/* handle_revisions.c */
handler handle_revisions, handle_revision, handle_rollback, handle_revert;
/* handle_rollout.c */
extern const struct schema shift_form_schema;
handler handle_trial_list, handle_trial, handle_trial_end;
handler handle_confirm_list, handle_confirm, handle_shift_list, handle_shift, handle_shift_pause, handle_shift_resume,
        handle_shift_abort;
/* metrics.c */
handler handle_metrics;
/* routes.c */
handler handle_calls;

/* Whether the call only looks what it would do. */
static inline bool call_is_dry(const struct call *c)
{
        return call_flag(c, PARAMETER_DRY_RUN);
}

/* Who makes the change, for its revision. */
static inline const char *call_author(const struct call *c)
{
        return *c->who ? c->who : "anonymous";
}

/* handle_tokens.c: a token as others may see it, without its hash, with when it was used last and whether it has ended
 */
void token_present(struct call *, struct doc *);

/* handle_observe.c: the time behind now that a parameter is, in ms; 0: not given. false: a reply was sent. */
bool call_time(struct call *, enum parameter, int64_t *wall_ms);
/* handle_observe.c: what `ready` says of gslbd. */
struct doc *call_ready(struct call *, bool *ready);

/* handle_parts.c */
/* "pool/endpoint" of the path's first two {}. */
const char *call_endpoint_id(struct call *);
/* The stored document of what the path names: a region, a pool, or an endpoint in its pool. NULL: there is none; *good
 * false: a reply was sent. */
struct doc *call_target(struct call *, bool *good);

/* handle_change.c */
/* Makes a revision of these changes and replies {revision, changed, changes}, with `extra`'s members (may be NULL) in
 * front and `etag_of` (may be NULL) as ETag. A refused deletion is a conflict. The reply comes when it is on disk: the
 * documents live in the call's arena. */
void reply_change(struct call *, struct change *changes, size_t count, const char *comment, int status,
                  const struct doc *extra, const struct doc *etag_of);
/* The same, with more to be said of it. */
struct change_words {
        const char *comment;
        int status;
        const struct doc *extra, *etag_of;
        bool reduced; /* the changes are those alone that change something */
        bool alone;   /* it comes from a look at the whole store: no other change goes with it */
        /* Of one change that is known to be small in a large document: where that is not alike, before and after. NULL:
         * that is looked for. */
        const struct doc *was, *is;
        void (*done)(struct call *); /* called when it is made, before the reply; NULL: nothing is to be done */
};
void reply_change_then(struct call *, struct change *changes, size_t count, const struct change_words *);
/* On the control thread: what follows when that was called beside other work. */
void reply_change_prepared(struct call *);
/* A read transaction, or NULL after a 500. It ends with call_read_end (false after a 500: not all could be read), or
 * with the call. */
struct store_txn *call_read(struct call *);
bool call_read_end(struct call *);

#endif
