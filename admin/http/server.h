/* admin/http/server.h: an HTTP/1.1 server on one address: accepts connections and counts their time. The thread that
 * runs `base`. */
#ifndef ADMIN_HTTP_SERVER_H
#define ADMIN_HTTP_SERVER_H

#include "admin/http/connection.h"

struct http_server;

/* `tls` (NULL: plain HTTP) outlives the server. NULL with `error`. */
struct http_server *http_server_open(struct event_base *, const struct address *, uint16_t port, struct tls_server *tls,
                                     struct http_handler, char *error, size_t error_size);
/* Takes no more requests, and breaks the loop as soon as the replies that are on their way are out, or a second later.
 */
void http_server_stop(struct http_server *);
void http_server_close(struct http_server *);
uint16_t http_server_port(const struct http_server *);

#endif
