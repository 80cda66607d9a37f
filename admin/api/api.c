#include "admin/api/api.h"

#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/http.h>
#include <errno.h>
#include <sys/socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/http/auth.h"
#include "admin/control/control.h"
#include "admin/http/http.h"
#include "admin/api/router.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/tls_server.h"

#define BODY_MAX    ((size_t)256 << 20)
#define HEADERS_MAX 16384
#define IDLE_S      10

struct api {
        struct control *control;
        struct evhttp *http;
        struct evhttp_bound_socket *bound;
        struct tls_server *tls;
        uint16_t port;
};

static void on_request(struct evhttp_request *request, void *context)
{
        struct api *api = context;
        struct call call = {.api = api, .control = api->control, .arena = arena_new(0), .who = "", .role = ROLE_READ};

        if (call_open(&call, request))
                route_call(&call);
        arena_free(call.arena);
}

static struct bufferevent *make_tls(struct event_base *base, void *context)
{
        struct api *api = context;
        return bufferevent_openssl_socket_new(base, -1, tls_server_connection(api->tls), BUFFEREVENT_SSL_ACCEPTING,
                                              BEV_OPT_CLOSE_ON_FREE);
}

static bool set_tls(struct api *api, const struct api_options *o, char *error, size_t error_size)
{
        char why[300];

        if (!o->tls_certificate)
                return true;
        api->tls = tls_server_open(o->tls_certificate, o->tls_key, NULL, why, sizeof(why));
        if (api->tls)
                evhttp_set_bevcb(api->http, make_tls, api);
        else
                snprintf(error, error_size, "admin.tls: %s", why);
        return api->tls != NULL;
}

void api_reload_certificate(struct api *api)
{
        char why[300];

        if (api->tls && !tls_server_reload(api->tls, why, sizeof(why)))
                log_error("api", "the certificate read before stays in force: %s", why);
}

static bool is_loopback(const struct address *a)
{
        static const uint8_t six[16] = {[15] = 1};
        return a->family == ADDRESS_V4 ? a->bytes[0] == 127 : !memcmp(a->bytes, six, 16);
}

static bool listen_on(struct api *api, const struct api_options *o, char *error, size_t error_size)
{
        char text[ADDRESS_TEXT_MAX];
        struct sockaddr_storage at;
        socklen_t size = sizeof(at);
        struct address address;

        address_format(&o->address, text);
        if (!o->tls_certificate && !o->allow_plain && !is_loopback(&o->address)) {
                snprintf(error, error_size,
                         "admin.listen: %s is not a loopback address, so the API needs admin.tls (or "
                         "admin.allow_plain: true)",
                         text);
                return false;
        }
        api->bound = evhttp_bind_socket_with_handle(api->http, text, o->port);
        if (!api->bound) {
                snprintf(error, error_size, "cannot listen on %s port %u for the admin API: %s", text, o->port,
                         strerror(errno));
                return false;
        }
        if (!getsockname(evhttp_bound_socket_get_fd(api->bound), (struct sockaddr *)&at, &size))
                address_from_sockaddr((struct sockaddr *)&at, &address, &api->port);
        return true;
}

struct api *api_open(struct event_base *base, struct control *control, const struct api_options *o, char *error,
                     size_t error_size)
{
        struct api *api = memory_alloc(sizeof(*api));

        api->control = control;
        api->http = evhttp_new(base);
        if (!api->http) {
                snprintf(error, error_size, "out of memory");
                free(api);
                return NULL;
        }
        evhttp_set_max_body_size(api->http, BODY_MAX);
        evhttp_set_max_headers_size(api->http, HEADERS_MAX);
        evhttp_set_timeout(api->http, IDLE_S);
        evhttp_set_allowed_methods(api->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT |
                                                      EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS | EVHTTP_REQ_PATCH);
        evhttp_set_gencb(api->http, on_request, api);
        if (!set_tls(api, o, error, error_size) || !listen_on(api, o, error, error_size) ||
            !token_first(control, o->token_file, error, error_size)) {
                api_close(api);
                return NULL;
        }
        return api;
}

void api_close(struct api *api)
{
        evhttp_free(api->http);
        tls_server_free(api->tls);
        free(api);
}

uint16_t api_port(const struct api *api)
{
        return api->port;
}
