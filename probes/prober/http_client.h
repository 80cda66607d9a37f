/* probes/prober/http_client.h: one HTTP request of a program that has nothing else to do meanwhile (gslbctl, the
 * threads of gslb-prober that talk to a gslbd), through libcurl. Blocking. */
#ifndef PROBES_PROBER_HTTP_CLIENT_H
#define PROBES_PROBER_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include "base/buffer.h"

#define HTTP_REPLY_MAX ((size_t)256 << 20)

struct http_request {
        const char *method, *url;
        const char *unix_path;                /* of the socket through which the URL's host is reached; NULL: none */
        const char *token;                    /* bearer token, or NULL */
        const char *content_type;             /* of the body; NULL: JSON */
        const char *accept;                   /* NULL: JSON */
        const char *if_match, *if_none_match; /* entity tags, or NULL */
        const char *body;                     /* NULL: none */
        size_t body_length;
        const char *ca_file;                 /* for https; NULL: the system's */
        const char *certificate, *key;       /* of the client, for https; NULL: none */
        long timeout_ms, connect_timeout_ms; /* connect_timeout_ms 0: the client's own */
        /* Called a few times a second while it takes; NULL: nobody looks. */
        void (*progress)(void *context, size_t sent, size_t whole);
        void *progress_context;
};

struct http_response {
        long status;
        bool sent; /* the request, or some of it: whoever has it may act on it */
        struct buffer body;
        char etag[80];
        char content_type[80];
};

/* false with a message when there was no reply. The caller frees the body with buffer_free either way. */
bool http_request(const struct http_request *, struct http_response *, char *error, size_t error_size);

#endif
