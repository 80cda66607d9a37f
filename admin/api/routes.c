/* The calls of the API as a table: which path leads where, who may, what it takes, whether it changes something. */
#include <string.h>
#include "admin/api/handlers.h"
#include "admin/http/auth.h"
#include "base/documents/schema.h"
#include "probes/checks/verdict.h"

#define OPEN     ROUTE_OPEN
#define READ     ROLE_READ
#define OPERATE  ROLE_OPERATE
#define EDIT     ROLE_EDIT
#define ADMIN    ROLE_ADMIN
#define PROBER   ROLE_PROBER
#define P(name)  PARAMETER(name)
#define PAGES    P(LIMIT) | P(AFTER) | P(DEFAULTS)
#define FILTERS  P(PREFIX) | P(OF_REGION) | P(OF_POOL) | P(LABEL)
#define DRY      .changes = true, .parameters = P(DRY_RUN)
#define DRAINS   .changes = true, .parameters = P(DRY_RUN) | P(FORCE)
#define COMMENTS .changes = true, .parameters = P(DRY_RUN) | P(COMMENT)
#define FORCED   P(FORCE) | P(REASON)
#define GUARDED  .changes = true, .parameters = P(DRY_RUN) | P(COMMENT) | FORCED
#define TRIED    P(CONFIRM_WITHIN) | P(ABORT_IF)
#define EDITED   .changes = true, .parameters = P(DRY_RUN) | P(COMMENT) | FORCED | TRIED
#define CONSTANT .constant = true
#define SMALL    .body = BODY_SMALL
#define FORM(of) .body = BODY_SMALL, .form = &of##_form_schema
#define LARGE    .body = BODY_LARGE
#define WHOLE    .body = BODY_ITEM, .beside = BESIDE_LARGE
#define REGION   .kind = KIND_REGIONS, .scope = DRAIN_REGION, .match = MATCH_TARGET
#define POOL     .kind = KIND_POOLS, .scope = DRAIN_POOL, .match = MATCH_TARGET
#define ENDPOINT .kind = KIND_POOLS, .scope = DRAIN_ENDPOINT, .match = MATCH_TARGET
#define ITEM     .match = MATCH_ITEM

/* The first that fits is taken. */
const struct route routes[] = {
        {METHOD_GET, "live", OPEN, handle_live, .apart = true},
        {METHOD_GET, "ready", OPEN, handle_ready, .reach = REACH_ANY},
        {METHOD_GET, "health", OPEN, handle_ready, .reach = REACH_ANY},
        {METHOD_GET, "metrics", OPEN, handle_metrics, .parameters = P(ENDPOINTS)},
        {METHOD_GET, "v1/calls", READ, handle_calls, .reach = REACH_ANY, .apart = true},
        {METHOD_POST, "v1/apply", EDIT, handle_apply, .reach = REACH_CHANGES, .changes = true,
         .parameters = P(DRY_RUN) | P(COMMENT) | P(PRUNE) | P(PRUNE_KIND) | FORCED | P(OVERWRITE) | P(CHECK_FIRST) |
                       P(CHECK_WITHIN) | TRIED,
         LARGE, .beside = BESIDE_LARGE, .read = read_apply},
        {METHOD_POST, "v1/bulk", OPERATE, handle_bulk, .reach = REACH_CHANGES, GUARDED, FORM(bulk)},
        {METHOD_GET, "v1/configuration", READ, handle_configuration, .reach = REACH_PART, .parameters = P(DEFAULTS),
         .read = make_configuration},
        {METHOD_GET, "v1/schema", READ, handle_schema, .reach = REACH_ANY, .apart = true},
        {METHOD_GET, "v1/ready", READ, handle_ready, .reach = REACH_ANY},
        {METHOD_GET, "v1/health", READ, handle_health,
         .parameters = P(LIMIT) | P(AFTER) | P(OF_POOL) | P(OF_REGION) | P(LABEL) | P(STATE), .limit = 1000,
         .limit_most = 10000},
        {METHOD_GET, "v1/health/{}/{}", READ, handle_health_one, .kind = KIND_POOLS, .reach = REACH_PATH},
        {METHOD_POST, "v1/health/accept", OPERATE, handle_health_accept, DRY, FORM(accept)},
        {METHOD_GET, "v1/events", READ, handle_events,
         .parameters = P(LIMIT) | P(AFTER_NUMBER) | P(SINCE_TIME) | P(OF_REGION) | P(OF_POOL) | P(STATE), .limit = 100,
         .limit_most = 10000},
        {METHOD_GET, "v1/status", READ, handle_status, .parameters = P(LIMIT) | P(AFTER_NUMBER), .limit = 20,
         .limit_most = 1000},
        {METHOD_GET, "v1/status/{}", READ, handle_status_one, .kind = KIND_SERVICES, .reach = REACH_PATH},
        {METHOD_GET, "v1/serials", READ, handle_serials},
        {METHOD_GET, "v1/limits", READ, handle_limits, .parameters = P(LIMIT), .limit = 20, .limit_most = 1000},
        {METHOD_GET, "v1/traffic", READ, handle_traffic,
         .parameters = P(LIMIT) | P(OF_SERVICE) | P(OF_REGION) | P(OF_POOL) | P(BY) | P(SINCE), .limit = 50,
         .limit_most = 10000},
        {METHOD_GET, "v1/plan", READ, handle_forecast, .parameters = P(DOWN)},
        {METHOD_GET, "v1/explain", READ, handle_explain, .parameters = P(NAME) | P(TYPE) | P(CLIENT) | P(AT)},
        {METHOD_POST, "v1/explain", READ, handle_explain_with, .parameters = P(NAME) | P(TYPE) | P(CLIENT), LARGE,
         .read = read_apply},
        {METHOD_GET, "v1/revisions", READ, handle_revisions,
         .parameters = P(LIMIT) | P(BEFORE) | P(CHANGES) | P(SINCE_TIME) | P(AUTHOR) | P(KINDS), .limit = 50,
         .limit_most = 1000},
        {METHOD_GET, "v1/revisions/{}", READ, handle_revision},
        {METHOD_POST, "v1/revisions/{}/rollback", EDIT, handle_rollback, .reach = REACH_CHANGES, .changes = true,
         .parameters = P(DRY_RUN) | P(COMMENT) | FORCED | P(WITH_DRAINS) | TRIED, .beside = BESIDE_ALWAYS},
        {METHOD_POST, "v1/revisions/{}/revert", EDIT, handle_revert, .reach = REACH_CHANGES, EDITED,
         .beside = BESIDE_ALWAYS},
        {METHOD_POST, "v1/geo/reload", OPERATE, handle_geo_reload, DRY},
        {METHOD_GET, "v1/drains", READ, handle_drain_list, .parameters = FILTERS | P(STATE) | P(LIMIT) | P(AFTER),
         .limit = 1000, .limit_most = 10000},
        {METHOD_GET, "v1/holds", READ, handle_hold_list, .parameters = FILTERS | P(LIMIT) | P(AFTER), .limit = 1000,
         .limit_most = 10000},
        {METHOD_GET, "v1/trials", READ, handle_trial_list},
        {METHOD_GET, "v1/trials/{}", READ, handle_trial},
        {METHOD_DELETE, "v1/trials/{}", EDIT, handle_trial_end, DRY},
        {METHOD_GET, "v1/confirms", READ, handle_confirm_list},
        {METHOD_GET, "v1/shifts", READ, handle_shift_list},
        {METHOD_POST, "v1/services/{}/shift", EDIT, handle_shift, .reach = REACH_PATH, GUARDED, FORM(shift),
         .kind = KIND_SERVICES},
        {METHOD_POST, "v1/services/{}/shift/pause", OPERATE, handle_shift_pause, .reach = REACH_PATH, COMMENTS,
         .kind = KIND_SERVICES},
        {METHOD_POST, "v1/services/{}/shift/resume", OPERATE, handle_shift_resume, .reach = REACH_PATH, COMMENTS,
         .kind = KIND_SERVICES},
        {METHOD_POST, "v1/services/{}/shift/abort", OPERATE, handle_shift_abort, .reach = REACH_PATH, GUARDED,
         .kind = KIND_SERVICES},
        {METHOD_POST, "v1/confirms/{}/confirm", EDIT, handle_confirm, .reach = REACH_CHANGES, COMMENTS},
        {METHOD_GET, "v1/schedules", READ, handle_schedules, .parameters = FILTERS},
        {METHOD_POST, "v1/regions/{}/drain", OPERATE, handle_drain, .reach = REACH_CHANGES, DRAINS, FORM(drain),
         REGION},
        {METHOD_POST, "v1/regions/{}/restore", OPERATE, handle_restore, .reach = REACH_CHANGES, DRY, REGION},
        {METHOD_POST, "v1/regions/{}/failback", OPERATE, handle_failback, .reach = REACH_CHANGES, DRY, REGION},
        {METHOD_POST, "v1/pools/{}/drain", OPERATE, handle_drain, .reach = REACH_CHANGES, DRAINS, FORM(drain), POOL},
        {METHOD_POST, "v1/pools/{}/restore", OPERATE, handle_restore, .reach = REACH_CHANGES, DRY, POOL},
        {METHOD_POST, "v1/pools/{}/failback", OPERATE, handle_failback, .reach = REACH_CHANGES, DRY, POOL},
        {METHOD_POST, "v1/pools/{}/endpoints/{}/drain", OPERATE, handle_drain, .reach = REACH_CHANGES, DRAINS,
         FORM(drain), ENDPOINT},
        {METHOD_POST, "v1/pools/{}/endpoints/{}/restore", OPERATE, handle_restore, .reach = REACH_CHANGES, DRY,
         ENDPOINT},
        {METHOD_POST, "v1/pools/{}/endpoints/{}/failback", OPERATE, handle_failback, .reach = REACH_CHANGES, DRY,
         ENDPOINT},
        {METHOD_POST, "v1/endpoints/{}/{}/drain", OPERATE, handle_drain, .reach = REACH_CHANGES, DRAINS, FORM(drain),
         ENDPOINT},
        {METHOD_POST, "v1/endpoints/{}/{}/restore", OPERATE, handle_restore, .reach = REACH_CHANGES, DRY, ENDPOINT},
        {METHOD_POST, "v1/endpoints/{}/{}/failback", OPERATE, handle_failback, .reach = REACH_CHANGES, DRY, ENDPOINT},
        {METHOD_PUT, "v1/pools/{}/endpoints/{}/figures", OPERATE, handle_figures, .reach = REACH_PATH, DRY,
         FORM(figures), ENDPOINT, CONSTANT},
        {METHOD_PUT, "v1/pools/{}/endpoints/{}/verdict", OPERATE, handle_verdict, .reach = REACH_PATH, DRY,
         FORM(verdict), ENDPOINT, CONSTANT},
        {METHOD_POST, "v1/pools/{}/endpoints/{}/check", OPERATE, handle_try, .reach = REACH_PATH, DRY, ENDPOINT},
        {METHOD_GET, "v1/pools/{}/endpoints/{}/check/{}", READ, handle_try_get, .reach = REACH_PATH,
         .kind = KIND_POOLS},
        {METHOD_GET, "v1/pools/{}/endpoints", READ, handle_parts_list, .reach = REACH_PATH, .kind = KIND_POOLS},
        {METHOD_POST, "v1/pools/{}/endpoints", EDIT, handle_part_create, .reach = REACH_CHANGES, EDITED, SMALL,
         .kind = KIND_POOLS},
        {METHOD_GET, "v1/pools/{}/endpoints/{}", READ, handle_part_get, .reach = REACH_PATH, .kind = KIND_POOLS},
        {METHOD_PUT, "v1/pools/{}/endpoints/{}", EDIT, handle_part_put, .reach = REACH_CHANGES, EDITED, SMALL, ITEM,
         .kind = KIND_POOLS},
        {METHOD_PATCH, "v1/pools/{}/endpoints/{}", EDIT, handle_part_patch, .reach = REACH_CHANGES, EDITED, SMALL, ITEM,
         .kind = KIND_POOLS},
        {METHOD_DELETE, "v1/pools/{}/endpoints/{}", EDIT, handle_part_delete, .reach = REACH_CHANGES, EDITED, ITEM,
         .kind = KIND_POOLS},
        {METHOD_GET, "v1/zones/{}/records", READ, handle_parts_list, .reach = REACH_PATH, .kind = KIND_ZONES},
        {METHOD_POST, "v1/zones/{}/records", EDIT, handle_part_create, .reach = REACH_CHANGES, EDITED, SMALL,
         .kind = KIND_ZONES},
        {METHOD_GET, "v1/zones/{}/records/{}/{}", READ, handle_part_get, .reach = REACH_PATH, .kind = KIND_ZONES},
        {METHOD_PUT, "v1/zones/{}/records/{}/{}", EDIT, handle_part_put, .reach = REACH_CHANGES, EDITED, SMALL, ITEM,
         .kind = KIND_ZONES},
        {METHOD_PATCH, "v1/zones/{}/records/{}/{}", EDIT, handle_part_patch, .reach = REACH_CHANGES, EDITED, SMALL,
         ITEM, .kind = KIND_ZONES},
        {METHOD_DELETE, "v1/zones/{}/records/{}/{}", EDIT, handle_part_delete, .reach = REACH_CHANGES, EDITED, ITEM,
         .kind = KIND_ZONES},
        {METHOD_GET, "v1/records", READ, handle_all_parts, .kind = KIND_ZONES, .parameters = PAGES | P(PREFIX),
         .limit = 1000, .limit_most = 10000},
        {METHOD_GET, "v1/endpoints", READ, handle_all_parts, .kind = KIND_POOLS, .parameters = PAGES | FILTERS,
         .limit = 1000, .limit_most = 10000},
        {METHOD_GET, "v1/probers/{}/plan", PROBER, handle_plan, .parameters = P(SINCE)},
        {METHOD_POST, "v1/probers/{}/report", PROBER, handle_report, DRY, .body = BODY_REPORT, .read = read_report,
         .form = &report_form_schema, CONSTANT},
        {METHOD_POST, "v1/tokens", ADMIN, handle_token_create, COMMENTS, SMALL, .kind = KIND_TOKENS},
        {METHOD_GET, "v1/tokens", ADMIN, handle_list, .reach = REACH_PART, .kind = KIND_TOKENS,
         .parameters = PAGES | P(PREFIX), .limit = 1000, .limit_most = 10000},
        {METHOD_GET, "v1/tokens/{}", ADMIN, handle_get, .reach = REACH_PATH, .kind = KIND_TOKENS,
         .parameters = P(DEFAULTS)},
        {METHOD_DELETE, "v1/tokens/{}", ADMIN, handle_delete, .reach = REACH_CHANGES, COMMENTS, ITEM,
         .kind = KIND_TOKENS},
        {METHOD_GET, "v1/rules", READ, handle_get, .reach = REACH_ANY, .kind = KIND_RULES, .parameters = P(DEFAULTS)},
        {METHOD_PUT, "v1/rules", EDIT, handle_put, .reach = REACH_CHANGES, EDITED, SMALL, ITEM, .kind = KIND_RULES},
        {METHOD_PATCH, "v1/rules", EDIT, handle_patch, .reach = REACH_CHANGES, EDITED, SMALL, ITEM, .kind = KIND_RULES},
        {METHOD_DELETE, "v1/rules", EDIT, handle_delete, .reach = REACH_CHANGES, EDITED, ITEM, .kind = KIND_RULES},
        {METHOD_GET, "v1/backup", ADMIN, handle_backup, .read = make_backup},
        {METHOD_POST, "v1/restore", ADMIN, handle_backup_restore, GUARDED, .body = BODY_BACKUP, .read = read_backup,
         .beside = BESIDE_ALWAYS},
        {METHOD_GET, "v1/{kind}", READ, handle_list, .reach = REACH_PART, .parameters = PAGES | FILTERS, .limit = 1000,
         .limit_most = 10000},
        {METHOD_POST, "v1/{kind}", EDIT, handle_create, .reach = REACH_CHANGES, EDITED, WHOLE},
        {METHOD_GET, "v1/{kind}/{}", READ, handle_get, .reach = REACH_PATH, .parameters = P(DEFAULTS)},
        {METHOD_PUT, "v1/{kind}/{}", EDIT, handle_put, .reach = REACH_CHANGES, EDITED, WHOLE, ITEM},
        {METHOD_PATCH, "v1/{kind}/{}", EDIT, handle_patch, .reach = REACH_CHANGES, EDITED, WHOLE, ITEM},
        {METHOD_DELETE, "v1/{kind}/{}", EDIT, handle_delete, .reach = REACH_CHANGES, EDITED, ITEM},
};
const size_t route_count = sizeof(routes) / sizeof(*routes);
/* --- the table, for tools and tests --- */

static void tell_parameters(struct call *c, const struct route *r, struct doc *one)
{
        struct doc *list = doc_add_list(c->arena, one, "parameters");

        for (int p = 0; p < PARAMETER_COUNT; p++)
                if (r->parameters & UINT64_C(1) << p)
                        doc_add_string(c->arena, list, NULL, parameter_name((enum parameter)p));
}

/* What {kind} stands for, and what the body is like. */
static void tell_contents(struct call *c, const struct route *r, struct doc *one)
{
        if (strstr(r->pattern, "{kind}")) {
                struct doc *list = doc_add_list(c->arena, one, "kinds");
                for (int k = 0; k < KIND_COUNT; k++)
                        if (route_takes_kind((enum kind)k))
                                doc_add_string(c->arena, list, NULL, kind_name((enum kind)k));
        }
        if (r->form)
                doc_add(one, "form", schema_describe(r->form, c->arena));
}

void handle_calls(struct call *c)
{
        static const char *const bodies[] = {"none", "small", "report", "item", "large", "backup"};
        struct doc *d = doc_new(c->arena, DOC_MAP), *items = doc_add_list(c->arena, d, "items");

        for (size_t i = 0; i < route_count; i++) {
                const struct route *r = &routes[i];
                struct doc *one = doc_add_map(c->arena, items, NULL);
                doc_add_string(c->arena, one, "method", method_names[r->method]);
                doc_add_format(c->arena, one, "path", "/%s", r->pattern);
                doc_add_string(c->arena, one, "role", r->needs == OPEN ? NULL : role_name(r->needs));
                doc_add_bool(c->arena, one, "changes", r->changes);
                doc_add_string(c->arena, one, "body", bodies[r->body]);
                if (r->limit_most)
                        doc_add_int(c->arena, one, "limit_most", r->limit_most);
                tell_parameters(c, r, one);
                tell_contents(c, r, one);
        }
        doc_add_string(c->arena, d, "next", NULL);
        reply_doc(c, 200, d);
}
