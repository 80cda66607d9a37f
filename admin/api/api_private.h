/* admin/api/api_private.h: what an API knows of itself, for its calls. */
#ifndef ADMIN_API_API_PRIVATE_H
#define ADMIN_API_API_PRIVATE_H

#include "admin/api/api.h"

struct http_server;
struct tls_server;

struct api {
        struct control *control;
        struct http_server *http;
        struct tls_server *tls;
        const char *const *hosts;
        size_t host_count;
        enum metrics_endpoints metrics_endpoints;
        uint32_t metrics_endpoints_most;
};

#endif
