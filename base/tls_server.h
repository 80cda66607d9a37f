/* base/tls_server.h: the server's side of TLS: a certificate that can be replaced while connections come and go.
 *
 * Any thread may ask for connections; one thread at a time reloads. Connections keep what they began with. */
#ifndef BASE_TLS_SERVER_H
#define BASE_TLS_SERVER_H

#include <stdbool.h>
#include <stddef.h>

struct ssl_st;
struct tls_server;

/* What it reads, and what it wants of clients. */
struct tls_server_options {
        const char *certificate, *key; /* PEM, leaf first */
        const char *alpn; /* the only protocol that clients who name some may want (RFC 7301); NULL: anything */
        const char *
                client_authority; /* PEM: who signs certificates of clients, which may have one; NULL: none is asked for
                                   */
};

/* TLS 1.2 at least. NULL with a message that names the file. */
struct tls_server *tls_server_open(const struct tls_server_options *, char *error, size_t error_size);
void tls_server_free(struct tls_server *); /* NULL is allowed */
/* Reads the files again. false with a message: what was read before stays in force. */
bool tls_server_reload(struct tls_server *, char *error, size_t error_size);
/* Whether the client of a connection has shown a good certificate that says this name: as its common name, or as
 * another name of a host, of mail or a URI. Who has the connection. */
bool tls_server_client_named(struct ssl_st *, const char *name);
/* One more connection, to be freed with SSL_free; NULL when memory runs out. */
struct ssl_st *tls_server_connection(struct tls_server *);

#endif
