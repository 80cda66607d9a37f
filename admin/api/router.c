#include "admin/api/router.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "admin/api/api_private.h"
#include "admin/api/handlers.h"
#include "admin/api/permit.h"
#include "admin/http/failures.h"
#include "admin/http/token_set.h"
#include "base/clock.h"
#include "base/log.h"
#include "zones/store/backup.h"

#define MIB       ((size_t)1 << 20)
#define NOT_KNOWN "the token is not known"

/* --- the path --- */

static bool fits_segment(struct call *c, const char *pattern, size_t length, const char *segment, size_t *part)
{
        if (length == 2 && !strncmp(pattern, "{}", 2)) {
                c->parts[(*part)++] = segment;
                return true;
        }
        if (length == 6 && !strncmp(pattern, "{kind}", 6))
                return kind_parse(segment, &c->kind) && route_takes_kind(c->kind);
        return strlen(segment) == length && !strncmp(segment, pattern, length);
}

/* Whether the route's pattern fits the call's segments; sets kind and parts. */
static bool fits(struct call *c, const struct route *route)
{
        const char *pattern = route->pattern;
        size_t part = 0, i = 0;

        c->kind = route->kind;
        for (; *pattern; i++) {
                size_t length = strcspn(pattern, "/");
                if (i == c->segment_count || !fits_segment(c, pattern, length, c->segments[i], &part))
                        return false;
                pattern += length + (pattern[length] == '/');
        }
        return i == c->segment_count;
}

static const struct route *find_route(struct call *c, char *allow, size_t size)
{
        enum method method = c->method == METHOD_HEAD ? METHOD_GET : c->method;

        allow[0] = '\0';
        for (size_t i = 0; i < route_count; i++) {
                if (!fits(c, &routes[i]))
                        continue;
                if (routes[i].method == method)
                        return &routes[i];
                size_t n = strlen(allow);
                if (!strstr(allow, method_names[routes[i].method]))
                        snprintf(allow + n, size - n, "%s%s%s", n ? ", " : "", method_names[routes[i].method],
                                 routes[i].method == METHOD_GET ? ", HEAD" : "");
        }
        return NULL;
}

/* --- the token --- */

/* A token that is none costs who sends many time; who has a good one is not concerned. */
static const char *fail(struct call *c, const char *why)
{
        static struct log_limit limit;
        char from[PEER_TEXT_MAX];

        c->api->tokens_wrong++;
        c->held_back = failures_add(c->api->failures, &c->from, clock_ms());
        if (c->held_back)
                log_limited(&limit, LOG_LEVEL_WARNING, "api", "many wrong tokens from %s: each costs it a second",
                            peer_text(&c->from, from));
        return why;
}

/* What is wrong with the token; NULL: nothing. */
static const char *take_token(struct call *c, const char *header)
{
        char time[CLOCK_TEXT_MAX];
        struct token_known t;

        if (strncasecmp(header, "Bearer ", 7) || !token_set_find(c->api->tokens, header + 7, c->arena, &t))
                return fail(c, NOT_KNOWN);
        if (t.until_ms && t.until_ms <= clock_wall_ms())
                return fail(c, arena_printf(c->arena, "the token \"%s\" ended at %s; who has role admin makes another",
                                            t.name, clock_format(t.until_ms, time)));
        c->is_known = true;
        c->who = t.name;
        c->role = t.role;
        c->prober = t.prober;
        c->token_hash = t.hash;
        c->scoped = t.scoped;
        return NULL;
}

static void take_name(struct call *c, const char *how, const char *name, int role)
{
        c->is_known = true;
        c->who = arena_printf(c->arena, "%s:%s", how, name);
        c->role = (enum role)role;
}

/* Who calls without a token, over TLS: a client with a certificate. A browser shows that to any page that asks it to,
 * and says so: then it is not enough. */
static const char *take_client(struct call *c)
{
        const struct api *api = c->api;
        const char *site = call_header(c, "Sec-Fetch-Site");

        for (size_t i = 0; i < api->client_count; i++) {
                if (!http_request_is_from(c->connection, api->clients[i].name))
                        continue;
                if (call_header(c, "Origin") || (site && strcmp(site, "none")))
                        return "expected a valid token: a page in a browser needs one beside the certificate";
                take_name(c, "cert", api->clients[i].name, api->clients[i].role);
                return NULL;
        }
        return "expected a valid token: Authorization: Bearer SECRET";
}

/* Likewise over a Unix socket: a user of this machine. */
static const char *take_user(struct call *c)
{
        const struct api *api = c->api;
        const struct api_user root = {0, "root", ROLE_ADMIN}, *user = c->from.uid ? NULL : &root;

        for (size_t i = 0; i < api->user_count; i++)
                if (api->users[i].uid == c->from.uid)
                        user = &api->users[i];
        if (!user)
                return arena_printf(c->arena, "expected a valid token, or user %u among admin.users in the settings",
                                    (unsigned)c->from.uid);
        take_name(c, "unix", user->name, user->role);
        return NULL;
}

static void refuse_token(struct call *c, const char *wrong)
{
        if (c->held_back) {
                reply_problem(c, 429, "%s, and many came that were not", wrong);
                return;
        }
        call_set_header(c, "WWW-Authenticate", "Bearer realm=\"gslbd\"");
        reply_problem(c, 401, "%s", wrong);
}

static bool route_permitted(struct call *c, enum role needs)
{
        if (needs == ROUTE_OPEN)
                return true;
        const char *header = call_header(c, "Authorization");
        const char *wrong = header ? take_token(c, header) : c->from.local ? take_user(c) : take_client(c);
        if (!wrong)
                return permit_role(c, needs) && (!c->scoped || permit_scoped(c));
        refuse_token(c, wrong);
        return false;
}

bool route_admits(struct call *c)
{
        const struct model *m = snapshot_current()->model;

        if (!c->token_hash)
                return true;
        uint32_t i = model_find(m, KIND_TOKENS, c->who);
        if (i == MODEL_NONE || strcmp(m->tokens[i]->hash, c->token_hash) != 0) {
                refuse_token(c, NOT_KNOWN);
                return false;
        }
        c->token = m->tokens[i];
        control_token_used(c->control, c->token);
        return permit_call(c);
}

/* --- the call --- */

bool route_find(struct call *c)
{
        char allow[120];

        c->route = find_route(c, allow, sizeof(allow));
        if (c->route)
                return route_permitted(c, c->route->needs) &&
                       call_parameters(c, c->route->parameters, c->route->limit_most);
        if (!*allow) {
                if (route_permitted(c, c->segment_count && !strcmp(c->segments[0], "v1") ? ROLE_READ : ROUTE_OPEN))
                        reply_problem(c, 404, "there is no such path");
                return false;
        }
        call_set_header(c, "Allow", allow);
        if (c->method == METHOD_OPTIONS)
                reply_nothing(c, 204);
        else
                reply_problem(c, 405, "expected one of %s", allow);
        return false;
}

size_t route_body_limit(const struct call *c)
{
        bool large = c->kind == KIND_ZONES || c->kind == KIND_POOLS;

        switch (c->route->body) {
        case BODY_NONE:
        case BODY_SMALL:
                break;
        case BODY_REPORT:
                return 16 * MIB;
        case BODY_ITEM:
                return large ? 128 * MIB : MIB;
        case BODY_LARGE:
                return 128 * MIB;
        case BODY_BACKUP:
                return BACKUP_MAX;
        }
        return MIB;
}

size_t route_memory_limit(const struct call *c)
{
        return c->route->body == BODY_REPORT ? 256 * MIB : 2048 * MIB;
}

/* If-Match on calls whose handler has no item to compare with. false: a reply was sent. */
static bool matches(struct call *c)
{
        struct doc *target = NULL;
        bool good = true;

        if (!c->route->changes || c->route->match == MATCH_ITEM)
                return true;
        if (c->route->match == MATCH_TARGET && call_header(c, "If-Match"))
                target = call_target(c, &good);
        return good && call_precondition(c, target);
}

/* What a report on all endpoints there are comes to, with room for those of the plan before. */
static struct doc_limits route_limits(const struct call *c)
{
        size_t endpoints = c->api->endpoints;

        if (c->route->body == BODY_REPORT)
                return (struct doc_limits){
                        .bytes = 65536 + endpoints * 2048, .nodes = 1024 + endpoints * 32, .keys = 64};
        return (struct doc_limits){SIZE_MAX, DOC_NODES_MAX, DOC_NODES_MAX};
}

void route_read(struct call *c)
{
        const struct doc_limits limits = route_limits(c);

        /* What is empty is nothing in JSON, and a document in YAML: who takes more from it than that takes it here. */
        bool is_due = c->request->body.length || (c->route->read && c->route->body != BODY_NONE);

        if (is_due && c->route->body != BODY_BACKUP)
                call_read_body(c, &limits);
        if (c->route->read && !c->body.status)
                c->route->read(c);
}

static bool may_run(struct call *c)
{
        return (c->route->body != BODY_NONE || call_no_body(c)) && matches(c);
}

void route_look(struct call *c)
{
        may_run(c);
}

void route_run(struct call *c)
{
        if (may_run(c))
                c->route->run(c);
}
