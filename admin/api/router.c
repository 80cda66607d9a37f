#include "admin/api/router.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "admin/http/auth.h"
#include "admin/api/handlers.h"

#define OPEN ((enum role) - 1) /* needs no token */

static const struct path {
        enum method method;
        const char *pattern;
        enum role needs;
        handler *run;
} paths[] = {
        {METHOD_GET, "live", OPEN, handle_live},
        {METHOD_GET, "ready", OPEN, handle_ready},
        {METHOD_GET, "health", OPEN, handle_ready},
        {METHOD_GET, "metrics", OPEN, handle_metrics},
        {METHOD_POST, "v1/apply", ROLE_OPERATE, handle_apply},
        {METHOD_POST, "v1/bulk", ROLE_OPERATE, handle_bulk},
        {METHOD_GET, "v1/configuration", ROLE_READ, handle_configuration},
        {METHOD_GET, "v1/schema", ROLE_READ, handle_schema},
        {METHOD_GET, "v1/ready", ROLE_READ, handle_ready},
        {METHOD_GET, "v1/health", ROLE_READ, handle_health},
        {METHOD_GET, "v1/health/{}/{}", ROLE_READ, handle_health_one},
        {METHOD_POST, "v1/health/accept", ROLE_OPERATE, handle_health_accept},
        {METHOD_GET, "v1/events", ROLE_READ, handle_events},
        {METHOD_GET, "v1/explain", ROLE_READ, handle_explain},
        {METHOD_GET, "v1/revisions", ROLE_READ, handle_revisions},
        {METHOD_GET, "v1/revisions/{}", ROLE_READ, handle_revision},
        {METHOD_POST, "v1/revisions/{}/rollback", ROLE_OPERATE, handle_rollback},
        {METHOD_POST, "v1/geo/reload", ROLE_OPERATE, handle_geo_reload},
        {METHOD_GET, "v1/drains", ROLE_READ, handle_drain_list},
        {METHOD_POST, "v1/regions/{}/drain", ROLE_OPERATE, handle_drain},
        {METHOD_POST, "v1/regions/{}/restore", ROLE_OPERATE, handle_restore},
        {METHOD_POST, "v1/pools/{}/drain", ROLE_OPERATE, handle_drain},
        {METHOD_POST, "v1/pools/{}/restore", ROLE_OPERATE, handle_restore},
        {METHOD_POST, "v1/pools/{}/endpoints/{}/drain", ROLE_OPERATE, handle_drain_endpoint},
        {METHOD_POST, "v1/pools/{}/endpoints/{}/restore", ROLE_OPERATE, handle_restore_endpoint},
        {METHOD_POST, "v1/endpoints/{}/{}/drain", ROLE_OPERATE, handle_drain_endpoint},
        {METHOD_POST, "v1/endpoints/{}/{}/restore", ROLE_OPERATE, handle_restore_endpoint},
        {METHOD_GET, "v1/pools/{}/endpoints", ROLE_READ, handle_parts_list},
        {METHOD_POST, "v1/pools/{}/endpoints", ROLE_OPERATE, handle_part_create},
        {METHOD_GET, "v1/pools/{}/endpoints/{}", ROLE_READ, handle_part_get},
        {METHOD_PUT, "v1/pools/{}/endpoints/{}", ROLE_OPERATE, handle_part_put},
        {METHOD_PUT, "v1/pools/{}/endpoints/{}/figures", ROLE_OPERATE, handle_figures},
        {METHOD_PUT, "v1/pools/{}/endpoints/{}/verdict", ROLE_OPERATE, handle_verdict},
        {METHOD_DELETE, "v1/pools/{}/endpoints/{}", ROLE_OPERATE, handle_part_delete},
        {METHOD_GET, "v1/zones/{}/records", ROLE_READ, handle_parts_list},
        {METHOD_POST, "v1/zones/{}/records", ROLE_OPERATE, handle_part_create},
        {METHOD_GET, "v1/zones/{}/records/{}/{}", ROLE_READ, handle_part_get},
        {METHOD_PUT, "v1/zones/{}/records/{}/{}", ROLE_OPERATE, handle_part_put},
        {METHOD_DELETE, "v1/zones/{}/records/{}/{}", ROLE_OPERATE, handle_part_delete},
        {METHOD_GET, "v1/records", ROLE_READ, handle_all_parts},
        {METHOD_GET, "v1/endpoints", ROLE_READ, handle_all_parts},
        {METHOD_GET, "v1/probers/{}/plan", ROLE_PROBER, handle_plan},
        {METHOD_POST, "v1/probers/{}/report", ROLE_PROBER, handle_report},
        {METHOD_POST, "v1/tokens", ROLE_ADMIN, handle_token_create},
        {METHOD_GET, "v1/tokens", ROLE_ADMIN, handle_list},
        {METHOD_DELETE, "v1/tokens/{}", ROLE_ADMIN, handle_delete},
        {METHOD_GET, "v1/{}", ROLE_READ, handle_list},
        {METHOD_POST, "v1/{}", ROLE_OPERATE, handle_create},
        {METHOD_GET, "v1/{}/{}", ROLE_READ, handle_get},
        {METHOD_PUT, "v1/{}/{}", ROLE_OPERATE, handle_put},
        {METHOD_DELETE, "v1/{}/{}", ROLE_OPERATE, handle_delete},
};

static const char *const method_names[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER"};

/* Whether the pattern fits the call's segments; sets the parameters. */
static bool fits(struct call *c, const char *pattern)
{
        size_t parameter = 0, i = 0;

        for (; *pattern; i++) {
                size_t length = strcspn(pattern, "/");
                if (i == c->segment_count)
                        return false;
                if (length == 2 && !strncmp(pattern, "{}", 2))
                        c->parameters[parameter++] = c->segments[i];
                else if (strlen(c->segments[i]) != length || strncmp(c->segments[i], pattern, length))
                        return false;
                pattern += length + (pattern[length] == '/');
        }
        return i == c->segment_count;
}

/* The collections of tokens are named "v1/tokens" here, so their kind is set by hand. */
static void name_kind(struct call *c)
{
        if (c->segment_count >= 2 && !strcmp(c->segments[1], "tokens")) {
                c->parameters[0] = c->segments[1];
                c->parameters[1] = c->segment_count > 2 ? c->segments[2] : NULL;
        }
}

static const struct path *find_path(struct call *c, char *allow, size_t size)
{
        enum method method = c->method == METHOD_HEAD ? METHOD_GET : c->method;
        bool known = false;

        allow[0] = '\0';
        if (c->segment_count >= 2 && !strcmp(c->segments[0], "v1")) {
                enum kind kind;
                known = kind_parse(c->segments[1], &kind);
        }
        for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
                bool generic = strstr(paths[i].pattern, "v1/{}") == paths[i].pattern;
                if ((generic && !known) || !fits(c, paths[i].pattern))
                        continue;
                if (paths[i].method == method)
                        return &paths[i];
                size_t n = strlen(allow);
                if (!strstr(allow, method_names[paths[i].method]))
                        snprintf(allow + n, size - n, "%s%s%s", n ? ", " : "", method_names[paths[i].method],
                                 paths[i].method == METHOD_GET ? ", HEAD" : "");
        }
        return NULL;
}

static void take_token(struct call *c)
{
        const char *header = call_header(c, "Authorization");
        const struct token *t;

        if (!header || strncasecmp(header, "Bearer ", 7) || !(t = token_find(snapshot_current()->model, header + 7)))
                return;
        c->has_token = true;
        /* The model may be replaced while the call runs. */
        c->who = arena_strdup(c->arena, t->name);
        c->role = (enum role)t->role;
        c->prober = t->prober ? arena_strdup(c->arena, t->prober) : NULL;
}

static bool permitted(struct call *c, enum role needs)
{
        if (needs == OPEN)
                return true;
        if (!c->has_token) {
                call_set_header(c, "WWW-Authenticate", "Bearer realm=\"gslbd\"");
                reply_problem(c, 401, "expected a valid token: Authorization: Bearer SECRET");
                return false;
        }
        if (!role_allows(c->role, needs)) {
                reply_problem(c, 403, "this needs role %s, the token \"%s\" has role %s", role_name(needs), c->who,
                              role_name(c->role));
                return false;
        }
        return true;
}

void route_call(struct call *c)
{
        char allow[120];
        const struct path *path = find_path(c, allow, sizeof(allow));

        take_token(c);
        if (!path && !*allow) {
                if (permitted(c, c->segment_count && !strcmp(c->segments[0], "v1") ? ROLE_READ : OPEN))
                        reply_problem(c, 404, "there is no such path");
                return;
        }
        if (!path) {
                call_set_header(c, "Allow", allow);
                if (c->method == METHOD_OPTIONS)
                        reply_nothing(c, 204);
                else
                        reply_problem(c, 405, "expected one of %s", allow);
                return;
        }
        if (!permitted(c, path->needs))
                return;
        name_kind(c);
        path->run(c);
}
