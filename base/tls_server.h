/* base/tls_server.h: the server's side of TLS: a certificate that can be replaced while connections come and go.
 *
 * Any thread may ask for connections; one thread at a time reloads. Connections keep what they began with. */
#ifndef BASE_TLS_SERVER_H
#define BASE_TLS_SERVER_H

#include <stdbool.h>
#include <stddef.h>

struct ssl_st;
struct tls_server;

/* Reads the certificate (PEM, leaf first) and its key. TLS 1.2 at least. `alpn`: the only protocol that clients who
 * name some may want (RFC 7301); NULL: anything. NULL with a message that names the file. */
struct tls_server *tls_server_open(const char *certificate, const char *key, const char *alpn, char *error,
                                   size_t error_size);
void tls_server_free(struct tls_server *); /* NULL is allowed */
/* Reads the files again. false with a message: what was read before stays in force. */
bool tls_server_reload(struct tls_server *, char *error, size_t error_size);
/* One more connection, to be freed with SSL_free; NULL when memory runs out. */
struct ssl_st *tls_server_connection(struct tls_server *);

#endif
