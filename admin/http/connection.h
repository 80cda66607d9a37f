/* admin/http/connection.h: one connection of a client and the request under way on it. The thread that runs the hub's
 * event loop; but a request that was taken off its connection belongs to who took it.
 *
 * A request is admitted by its head alone: who may not make it is answered before a byte of its body is kept. Bodies
 * and replies are held within a budget over all connections. Every stage has a deadline, which only time in which the
 * server could serve counts towards: what it did itself meanwhile costs no client its reply. */
#ifndef ADMIN_HTTP_CONNECTION_H
#define ADMIN_HTTP_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "admin/http/hub.h"
#include "admin/http/peer.h"
#include "admin/http/request.h"
#include "admin/http/sending.h"

struct tls_server;

/* Takes the descriptor. Connections over a limit are told so and closed. `tls`: NULL for plain HTTP. */
void http_connection_open(struct http_hub *, int fd, const struct peer *, struct tls_server *tls);
void http_connection_tick(struct http_connection *); /* may free it */
void http_connection_close(struct http_connection *);
bool http_connection_writes(const struct http_connection *); /* its reply is on its way */
struct http_connection *http_connection_next(struct http_connection *);
/* Closes the connection that waited longest without a whole request. false: there is none. */
bool http_connection_evict(struct http_hub *);

/* --- the request under way, for the handler --- */

const struct http_request *http_request_of(const struct http_connection *);
/* Takes the request off its connection; `by` is told when nobody waits for a reply any more. */
struct http_request *http_request_take(struct http_connection *, void *by);
const struct peer *http_request_from(const struct http_connection *);
const struct address *http_request_local(const struct http_connection *);
bool http_request_is_tls(const struct http_connection *);
/* Whether the client has shown a certificate of this name. */
bool http_request_is_from(const struct http_connection *, const char *name);
/* There will be no more of a reply in pieces, and what went is not all: closes the connection so that it shows. */
void http_reply_break(struct http_connection *);

#endif
