/* admin/api/api_private.h: what an API knows of itself, for its calls. */
#ifndef ADMIN_API_API_PRIVATE_H
#define ADMIN_API_API_PRIVATE_H

#include <stdatomic.h>
#include <sys/queue.h>
#include "admin/api/api.h"
#include "admin/http/http.h"

struct event_thread;
struct failures;
struct http_server;
struct rollouts;
struct tls_server;
struct token_set;

struct api {
        struct control *control;
        struct rollouts *rollouts;
        struct event_thread *thread;
        struct mailbox *to_api, *to_control;
        struct http_server *http; /* of the API's thread while that runs */
        struct tls_server *tls;
        /* For what is large: of calls that change something, and of all others, so that none waits for those. */
        struct lane *changes_lane, *lane;
        struct letter stop;
        struct token_set *tokens;
        uint64_t tokens_version; /* the control thread's: of what is in the set */
        atomic_uint endpoints;   /* that there are: what a report may hold */
        const char *const *hosts;
        size_t host_count;
        const struct api_user *users;
        size_t user_count;
        const struct api_client *clients;
        size_t client_count;
        size_t max_body;
        bool asked;                 /* something was built but to be asked, since another change could begin last */
        struct failures *failures;  /* of the API's thread */
        atomic_ullong tokens_wrong; /* since the start */
        enum metrics_endpoints metrics_endpoints;
        uint32_t metrics_endpoints_most;
        TAILQ_HEAD(postponed_list, call) postponed; /* until no change is under way, in the order in which they came */
        struct doc *(*limits_tell)(void *process, struct arena *, uint32_t most);
        struct doc *(*privileges_tell)(void *process, struct arena *);
        void *process;
};

#endif
