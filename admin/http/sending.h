/* admin/http/sending.h: the reply to the request under way, and its way out. The thread that runs the event loop. */
#ifndef ADMIN_HTTP_SENDING_H
#define ADMIN_HTTP_SENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_connection;

/* The reply that comes next goes so much later: it is to cost who gets it time. */
void http_reply_later(struct http_connection *, uint64_t ms);
/* `fields`: lines "Name: value\r\n". Takes `body` (malloc) over. */
void http_reply(struct http_connection *, int status, const char *fields, char *body, size_t length);
/* The same with but the first piece of `body`, of which nobody knows the length; the others are asked for one by one,
 * as the client reads (http_handler.more). false: none is wanted. */
bool http_reply_begin(struct http_connection *, int status, const char *fields, char *body, size_t length);
void http_reply_piece(struct http_connection *, char *body, size_t length, bool last);
/* Whether there is memory for a reply of this length; http_reply says 503 in its place otherwise. */
bool http_reply_fits(const struct http_connection *, size_t length);
/* A problem document that the server itself has a reason for. */
void http_refuse(struct http_connection *, int status, const char *detail);

/* --- for its connection --- */

void sending_drop_request(struct http_connection *);
void sending_drop_reply(struct http_connection *);
/* Bytes have gone: whether there is more of the reply than what is queued. It is asked for when there is room. */
bool sending_goes_on(struct http_connection *);
void sending_count(struct http_connection *); /* what went so far, for the time that it may take */

#endif
