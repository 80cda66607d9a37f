/* admin/api/handlers.h: what the calls of the API do, one file per group; admin/api/router.c says which path leads where. */
#ifndef ADMIN_API_HANDLERS_H
#define ADMIN_API_HANDLERS_H

#include "admin/control/control.h"
#include "admin/http/http.h"
#include "zones/store/store.h"

typedef void handler(struct call *);

/* handle_items.c: collections and items of every kind */
handler handle_list, handle_create, handle_get, handle_put, handle_delete;
/* handle_parts.c: records of zones and endpoints of pools */
handler handle_parts_list, handle_part_create, handle_part_get, handle_part_put, handle_part_delete, handle_all_parts;
/* handle_apply.c */
handler handle_apply, handle_configuration, handle_schema;
/* handle_drain.c */
handler handle_drain, handle_restore, handle_drain_list, handle_drain_endpoint, handle_restore_endpoint;
/* handle_figures.c */
handler handle_figures, handle_verdict;
/* handle_bulk.c */
handler handle_bulk;
/* handle_tokens.c */
handler handle_token_create;
/* handle_observe.c */
handler handle_live, handle_ready, handle_health, handle_health_one, handle_events, handle_explain, handle_health_accept;
/* handle_revisions.c */
handler handle_revisions, handle_revision, handle_rollback;
/* handle_probers.c */
handler handle_plan, handle_report;
/* handle_geo.c */
handler handle_geo_reload;
/* metrics.c */
handler handle_metrics;

/* The kind in the first {…} of the pattern. false: 404 was sent. */
bool call_kind(struct call *, enum kind *);
/* Makes a revision of these changes and replies {revision, changed, changes}, with `extra`'s members (may be NULL) in
 * front and `etag_of` (may be NULL) as ETag. A refused deletion is a conflict. */
void reply_change(struct call *, struct change *changes, size_t count, const char *comment, int status,
                  const struct doc *extra, const struct doc *etag_of);
/* The same without sending: returns the result, and the reply document for success. */
enum control_result make_change(struct call *, struct change *changes, size_t *count, const char *comment, bool dry_run,
                                struct doc *into);
/* A read transaction, or NULL after a 500. */
struct store_txn *call_read(struct call *);
/* Ends it. false after a 500: something of it could not be read, and what was read is not to be relied on. */
bool call_read_end(struct call *, struct store_txn *);

#endif
