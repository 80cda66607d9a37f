/* admin/http/http.h: the one wrapper around libevent's evhttp: requests in, replies out. Control thread.
 *
 * Requests that evhttp takes but RFC 9112 forbids (two Content-Length, Content-Length beside Transfer-Encoding) are
 * refused here. Everything a call needs lives in its arena and goes with it. */
#ifndef ADMIN_HTTP_HTTP_H
#define ADMIN_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include "base/arena.h"
#include "base/documents/doc.h"
#include "base/documents/problems.h"
#include "zones/config/model.h"

struct evhttp_request;
struct api;
struct control;

enum method {
        METHOD_GET,
        METHOD_HEAD,
        METHOD_POST,
        METHOD_PUT,
        METHOD_PATCH,
        METHOD_DELETE,
        METHOD_OPTIONS,
        METHOD_OTHER
};

#define CALL_SEGMENTS_MAX 10

/* One request under way. */
struct call {
        struct evhttp_request *request;
        struct api *api;
        struct control *control;
        struct arena *arena;
        enum method method;
        const char *segments[CALL_SEGMENTS_MAX]; /* of the path, decoded */
        size_t segment_count;
        const char *parameters[4]; /* what the pattern's {...} matched, in order */
        const char *who;           /* the token's name, "" without one */
        enum role role;
        const char *prober; /* of a prober's token */
        bool has_token;
        bool answered;
};

/* Takes path and method apart. false: a reply was sent. */
bool call_open(struct call *, struct evhttp_request *);

const char *call_header(const struct call *, const char *name); /* NULL: absent */
const char *call_query(const struct call *, const char *name);  /* NULL: absent */
bool call_flag(const struct call *, const char *name);          /* "true", "1" or no value */
/* The body as a document; NULL: a reply was sent (400, 415). */
struct doc *call_body(struct call *);
struct doc *call_body_limited(struct call *, const struct doc_limits *); /* 413 beyond them in bytes */

/* Replies; each ends the call. */
void reply_doc(struct call *, int status, const struct doc *);
void reply_text(struct call *, int status, const char *content_type, const char *text, size_t length);
void reply_nothing(struct call *, int status);
/* RFC 9457. */
void reply_problem(struct call *, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));
void reply_problems(struct call *, int status, const char *detail, const struct problems *);
void call_set_header(struct call *, const char *name, const char *value);

/* An entity tag of a document: quoted hex of a hash. */
const char *doc_etag(struct arena *, const struct doc *);
/* Checks If-Match and If-None-Match against what is there (NULL: nothing). false: 412 was sent. */
bool call_precondition(struct call *, const struct doc *current);

#endif
