#include "admin/api/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/api/api_private.h"
#include "admin/api/audit.h"
#include "admin/api/handlers.h"
#include "admin/http/auth.h"
#include "admin/control/control.h"
#include "admin/http/host.h"
#include "admin/http/http.h"
#include "admin/http/server.h"
#include "admin/api/router.h"
#include "admin/http/running.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/tls_server.h"

/* Opens the call and says where it leads. false: a reply was sent. Over TLS the certificate says for whom a request is.
 */
static bool find_call(struct api *api, struct call *call, struct http_connection *connection)
{
        if (!call_open(call, connection))
                return false;
        const char *host = http_request_head(connection)->host;
        if (!host || http_request_is_tls(connection) ||
            host_allowed(host, http_request_local(connection), api->hosts, api->host_count))
                return route_find(call);
        reply_problem(call, 421, "\"%s\" is no name of this server; admin.hosts in its settings lists more", host);
        return false;
}

static void call_end(struct call *call)
{
        audit_call(call);
        call_close(call);
}

static struct call *call_new(struct api *api)
{
        struct call *call = memory_alloc(sizeof(*call));

        *call = (struct call){.api = api, .control = api->control, .arena = arena_new(0), .who = "", .end = call_end};
        return call;
}

static bool on_head(struct http_connection *connection, size_t *body_limit, void *context)
{
        struct api *api = context;
        struct call *call = call_new(api);
        bool good = find_call(api, call, connection);

        if (good)
                *body_limit = route_body_limit(call);
        else
                audit_call(call);
        call_close(call);
        return good;
}

static void postpone(struct api *api, struct http_connection *connection)
{
        struct postponed *p = memory_alloc(sizeof(*p));

        p->connection = connection;
        TAILQ_INSERT_TAIL(&api->postponed, p, link);
}

/* Whether a call that changes something may: nothing is being written, and one that cannot be run twice does not meet
 * others. */
static bool may_run(const struct api *api, const struct http_connection *connection)
{
        size_t length;

        http_request_body(connection, &length);
        return !control_busy(api->control) && (length <= BODY_KEPT_MAX || !control_gathers(api->control));
}

static void on_request(struct http_connection *connection, void *context)
{
        struct api *api = context;
        struct call *call = call_new(api);

        if (find_call(api, call, connection)) {
                call->again = call->route->changes && !call->route->constant && !may_run(api, connection);
                call->memory_limit = route_memory_limit(call);
                if (!call->again)
                        call_run(call, route_run);
        }
        if (call->waits) {
                LIST_INSERT_HEAD(&api->waiting, call, link);
        } else if (call->again) {
                call_close(call);
                postpone(api, connection);
        } else {
                call_end(call);
        }
}

/* Another change may begin: what waited for that has its turn, first come, first served. */
static void on_free(void *context)
{
        struct api *api = context;
        struct postponed_list list = TAILQ_HEAD_INITIALIZER(list);

        TAILQ_CONCAT(&list, &api->postponed, link);
        for (struct postponed *p; (p = TAILQ_FIRST(&list));) {
                struct http_connection *connection = p->connection;
                TAILQ_REMOVE(&list, p, link);
                free(p);
                on_request(connection, api);
        }
}

static void on_gone(struct http_connection *connection, void *context)
{
        struct api *api = context;
        struct call *call;
        struct postponed *p;

        LIST_FOREACH(call, &api->waiting, link)
        if (call->connection == connection)
                call->connection = NULL;
        TAILQ_FOREACH(p, &api->postponed, link)
        if (p->connection == connection) {
                TAILQ_REMOVE(&api->postponed, p, link);
                free(p);
                break;
        }
}

static bool set_tls(struct api *api, const struct api_options *o, char *error, size_t error_size)
{
        char why[300];

        if (!o->tls_certificate)
                return true;
        api->tls = tls_server_open(o->tls_certificate, o->tls_key, NULL, why, sizeof(why));
        if (!api->tls)
                snprintf(error, error_size, "admin.tls: %s", why);
        return api->tls != NULL;
}

void api_reload_certificate(struct api *api)
{
        char why[300];

        if (api->tls && !tls_server_reload(api->tls, why, sizeof(why)))
                log_error("api", "the certificate read before stays in force: %s", why);
}

struct api *api_open(struct event_base *base, struct control *control, struct rollouts *rollouts,
                     const struct api_options *o, char *error, size_t error_size)
{
        struct api *api = memory_alloc(sizeof(*api));
        const struct http_handler calls = {on_head, on_request, on_gone, api};

        api->control = control;
        api->rollouts = rollouts;
        LIST_INIT(&api->waiting);
        TAILQ_INIT(&api->postponed);
        control_when_free(control, on_free, api);
        api->hosts = o->hosts;
        api->host_count = o->host_count;
        api->metrics_endpoints = o->metrics_endpoints;
        api->metrics_endpoints_most = o->metrics_endpoints_most;
        api->limits_tell = o->limits_tell;
        api->privileges_tell = o->privileges_tell;
        api->process = o->process;
        if (set_tls(api, o, error, error_size))
                api->http = http_server_open(base, &o->address, o->port, api->tls, calls, error, error_size);
        if (!api->http || !token_first(control, o->token_file, error, error_size)) {
                api_close(api);
                return NULL;
        }
        return api;
}

void api_close(struct api *api)
{
        control_when_free(api->control, NULL, NULL);
        control_settle(api->control); /* nobody waits any more after this */
        http_server_close(api->http);
        tls_server_free(api->tls);
        free(api);
}

uint16_t api_port(const struct api *api)
{
        return http_server_port(api->http);
}
