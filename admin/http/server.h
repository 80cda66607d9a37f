/* admin/http/server.h: an HTTP/1.1 server on some addresses: accepts connections and counts their time. The thread that
 * runs `base`. */
#ifndef ADMIN_HTTP_SERVER_H
#define ADMIN_HTTP_SERVER_H

#include "admin/http/connection.h"

/* Where to listen. */
struct http_listen {
        struct address address;
        uint16_t port;
        const char *path; /* of a Unix socket, plain, for any user of this machine; NULL: at the address */
};

struct http_server;

struct http_server *http_server_new(struct event_base *, const struct http_limits *, struct http_handler);
/* Listens there too. `tls` (NULL: plain HTTP) outlives the server. false with `error`. */
bool http_server_listen(struct http_server *, const struct http_listen *, struct tls_server *tls, char *error,
                        size_t error_size);
/* Takes no more requests, and breaks the loop as soon as the replies that are on their way are out, or a second later.
 */
void http_server_stop(struct http_server *);
/* Closes every port and connection, and tells of the requests that run that they are gone. */
void http_server_disconnect(struct http_server *);
/* When none of the requests that were taken is left: their bodies count in its budget. NULL is fine. */
void http_server_close(struct http_server *);
uint16_t http_server_port(const struct http_server *, size_t i);    /* of what was listened to first, second ... */
unsigned long long http_server_refused(const struct http_server *); /* connections, over limits. Any thread */

#endif
