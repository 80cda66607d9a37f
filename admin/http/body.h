/* admin/http/body.h: the body of a request while it comes, by its length or in chunks, within a budget over all. Who
 * has the request has its body; the budget is for all. */
#ifndef ADMIN_HTTP_BODY_H
#define ADMIN_HTTP_BODY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "admin/http/head.h"

#define HTTP_BODIES_MAX ((size_t)256 << 20) /* over all connections */
#define HTTP_HELD_MAX   ((size_t)768 << 20) /* bodies and replies over all connections */

struct evbuffer;

/* Bytes that are held for all connections together. One thread takes, any gives back. */
struct http_budget {
        atomic_size_t bodies, held;
};

enum chunk_part { CHUNK_SIZE, CHUNK_DATA, CHUNK_END, CHUNK_TRAILER };

struct body {
        char *data;
        size_t length, capacity, limit;
        uint64_t expected; /* its length, when not chunked */
        bool chunked;
        enum chunk_part part;
        uint64_t chunk_left;
        unsigned trailer_lines;
};

enum body_result { BODY_MORE, BODY_WHOLE, BODY_TOO_LARGE, BODY_INVALID, BODY_NO_MEMORY };

void body_begin(struct body *, const struct head *, size_t limit);
/* Takes what came. */
enum body_result body_read(struct body *, struct http_budget *, struct evbuffer *in);
void body_free(struct body *, struct http_budget *);

#endif
