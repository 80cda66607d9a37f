#include "base/tls_server.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"

struct tls_server {
        pthread_mutex_t lock; /* around `context` */
        SSL_CTX *context;
        char *certificate, *key, *alpn;
};

/* RFC 7301 3.2: no protocol in common ends the handshake. Clients that name none are not asked. */
static int select_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_length, const unsigned char *in,
                           unsigned in_length, void *context)
{
        const struct tls_server *s = context;
        size_t length = strlen(s->alpn);

        for (unsigned at = 0; at < in_length; at += in[at] + 1u)
                if (in[at] == length && at + 1 + length <= in_length && !memcmp(in + at + 1, s->alpn, length)) {
                        *out = in + at + 1;
                        *out_length = in[at];
                        return SSL_TLSEXT_ERR_OK;
                }
        return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static SSL_CTX *tls_fail(SSL_CTX *context, const char *file, char *error, size_t error_size)
{
        unsigned long code = ERR_peek_error(); /* the first: what the system said of the file */
        const char *reason = ERR_SYSTEM_ERROR(code) ? strerror(ERR_GET_REASON(code))
                                                    : ERR_reason_error_string(ERR_peek_last_error());

        snprintf(error, error_size, "%s: %s", file, reason ? reason : "not usable for TLS");
        ERR_clear_error();
        SSL_CTX_free(context);
        return NULL;
}

static SSL_CTX *context_new(struct tls_server *s, char *error, size_t error_size)
{
        SSL_CTX *context = SSL_CTX_new(TLS_server_method());

        if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) ||
            SSL_CTX_use_certificate_chain_file(context, s->certificate) != 1)
                return tls_fail(context, s->certificate, error, error_size);
        if (SSL_CTX_use_PrivateKey_file(context, s->key, SSL_FILETYPE_PEM) != 1 ||
            SSL_CTX_check_private_key(context) != 1)
                return tls_fail(context, s->key, error, error_size);
        SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
        SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION); /* a handshake costs us more than who asks for it */
        if (s->alpn)
                SSL_CTX_set_alpn_select_cb(context, select_protocol, s);
        return context;
}

struct tls_server *tls_server_open(const char *certificate, const char *key, const char *alpn, char *error,
                                   size_t error_size)
{
        struct tls_server *s = memory_alloc(sizeof(*s));

        pthread_mutex_init(&s->lock, NULL);
        s->certificate = memory_strdup(certificate);
        s->key = memory_strdup(key);
        s->alpn = alpn ? memory_strdup(alpn) : NULL;
        s->context = context_new(s, error, error_size);
        if (s->context)
                return s;
        tls_server_free(s);
        return NULL;
}

void tls_server_free(struct tls_server *s)
{
        if (!s)
                return;
        SSL_CTX_free(s->context);
        pthread_mutex_destroy(&s->lock);
        free(s->certificate);
        free(s->key);
        free(s->alpn);
        free(s);
}

bool tls_server_reload(struct tls_server *s, char *error, size_t error_size)
{
        SSL_CTX *context = context_new(s, error, error_size);

        if (!context)
                return false;
        pthread_mutex_lock(&s->lock);
        SSL_CTX *old = s->context;
        s->context = context;
        pthread_mutex_unlock(&s->lock);
        SSL_CTX_free(old);
        return true;
}

struct ssl_st *tls_server_connection(struct tls_server *s)
{
        pthread_mutex_lock(&s->lock);
        SSL *ssl = SSL_new(s->context);
        pthread_mutex_unlock(&s->lock);
        return ssl;
}
