/* admin/api/api_private.h: what an API knows of itself, for its calls. */
#ifndef ADMIN_API_API_PRIVATE_H
#define ADMIN_API_API_PRIVATE_H

#include <sys/queue.h>
#include "admin/api/api.h"
#include "admin/http/http.h"

struct http_server;
struct rollouts;
struct tls_server;

/* A request that is run again when no change is under way. */
struct postponed {
        TAILQ_ENTRY(postponed) link;
        struct http_connection *connection;
};

struct api {
        struct control *control;
        struct rollouts *rollouts;
        struct http_server *http;
        struct tls_server *tls;
        const char *const *hosts;
        size_t host_count;
        enum metrics_endpoints metrics_endpoints;
        uint32_t metrics_endpoints_most;
        LIST_HEAD(waiting_calls, call) waiting;          /* for their replies */
        TAILQ_HEAD(postponed_list, postponed) postponed; /* in the order in which they came */
        struct doc *(*limits_tell)(void *process, struct arena *, uint32_t most);
        struct doc *(*privileges_tell)(void *process, struct arena *);
        void *process;
};

#endif
