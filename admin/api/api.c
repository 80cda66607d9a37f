#include "admin/api/api.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/api/api_private.h"
#include "admin/api/audit.h"
#include "admin/http/auth.h"
#include "admin/control/control.h"
#include "admin/http/host.h"
#include "admin/http/http.h"
#include "admin/http/server.h"
#include "admin/api/router.h"
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

static bool on_head(struct http_connection *connection, size_t *body_limit, void *context)
{
        struct api *api = context;
        struct call call = {.api = api, .control = api->control, .arena = arena_new(0), .who = ""};
        bool good = find_call(api, &call, connection);

        if (good)
                *body_limit = route_body_limit(&call);
        else
                audit_call(&call);
        call_close(&call);
        return good;
}

/* Runs it; when memory ends on the way, the call ends, and nothing else. */
static void run_bounded(struct call *call)
{
        jmp_buf failure;

        if (setjmp(failure)) {
                static struct log_limit limit;
                log_limited(&limit, LOG_LEVEL_ERROR, "api", "memory ended in a call, after %zu bytes",
                            arena_size(call->arena));
                if (!call->answered)
                        reply_without_memory(call, "the call took more memory than there is for one");
                return;
        }
        arena_limit(call->arena, route_memory_limit(call));
        arena_on_failure(call->arena, &failure);
        route_run(call);
}

static void on_request(struct http_connection *connection, void *context)
{
        struct api *api = context;
        struct call call = {.api = api, .control = api->control, .arena = arena_new(0), .who = ""};

        if (find_call(api, &call, connection))
                run_bounded(&call);
        audit_call(&call);
        call_close(&call);
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

struct api *api_open(struct event_base *base, struct control *control, const struct api_options *o, char *error,
                     size_t error_size)
{
        struct api *api = memory_alloc(sizeof(*api));
        const struct http_handler handler = {on_head, on_request, api};

        api->control = control;
        api->hosts = o->hosts;
        api->host_count = o->host_count;
        api->metrics_endpoints = o->metrics_endpoints;
        api->metrics_endpoints_most = o->metrics_endpoints_most;
        if (set_tls(api, o, error, error_size))
                api->http = http_server_open(base, &o->address, o->port, api->tls, handler, error, error_size);
        if (!api->http || !token_first(control, o->token_file, error, error_size)) {
                api_close(api);
                return NULL;
        }
        return api;
}

void api_close(struct api *api)
{
        http_server_close(api->http);
        tls_server_free(api->tls);
        free(api);
}

uint16_t api_port(const struct api *api)
{
        return http_server_port(api->http);
}
