/* admin/api/api.h: the HTTP admin API. Control thread. docs/api.md describes the calls. */
#ifndef ADMIN_API_API_H
#define ADMIN_API_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "admin/http/server.h"

struct arena;
struct doc;
struct event_base;
struct control;
struct rollouts;
struct api;

/* Which endpoints have series of their own in /metrics. */
enum metrics_endpoints { METRICS_ALL, METRICS_NOT_UP, METRICS_NONE };
extern const char *const metrics_endpoints_names[]; /* ends with NULL */

#define API_LISTEN_MAX 8

/* A user of this machine, who may do that over a Unix socket without a token. */
struct api_user {
        uid_t uid;
        const char *name;
        int role; /* enum role */
};

/* What a client may do that has shown a certificate of this name. */
struct api_client {
        const char *name;
        int role; /* enum role */
};

struct api_options {
        enum metrics_endpoints metrics_endpoints;
        uint32_t metrics_endpoints_most; /* the rest is counted */
        const struct http_listen *listen;
        size_t listen_count;
        struct http_limits limits;
        size_t max_body;              /* bytes, of who may send them */
        const struct api_user *users; /* outlive the API */
        size_t user_count;
        const char *token_file;                /* the first admin token is made here at first start, mode 0600 */
        const char *tls_certificate, *tls_key; /* both NULL: plain HTTP */
        const char *tls_client_authority;      /* NULL: certificates of clients are not asked for */
        const struct api_client *clients;      /* outlive the API */
        size_t client_count;
        const char *const
                *hosts; /* names of this server in Host fields, beside loopback and its address; outlive the API */
        size_t host_count;
        /* What the process tells of itself, which it goes with: limits on clients, of at most that many networks; what
         * it gave away. */
        struct doc *(*limits_tell)(void *process, struct arena *, uint32_t most);
        struct doc *(*privileges_tell)(void *process, struct arena *);
        void *process;
};

struct api *api_open(struct event_base *, struct control *, struct rollouts *, const struct api_options *, char *error,
                     size_t error_size);
void api_close(struct api *);
uint16_t api_port(const struct api *, size_t i); /* of listen[i] */
void api_reload_certificate(struct api *);       /* logs what is wrong; then the one before stays in force */

#endif
