#include "base/tls_server.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"

struct tls_server {
        pthread_mutex_t lock; /* around `context` */
        SSL_CTX *context;
        char *certificate, *key, *alpn, *client_authority;
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

/* Clients may show one; one that is not good ends the handshake. */
static bool ask_for_certificates(SSL_CTX *context, const char *authority)
{
        STACK_OF(X509_NAME) *names = NULL;

        if (SSL_CTX_load_verify_locations(context, authority, NULL) != 1 ||
            !(names = SSL_load_client_CA_file(authority)))
                return false;
        SSL_CTX_set_client_CA_list(context, names);
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
        /* Each connection shows its own, none goes on with what another has shown. */
        SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
        SSL_CTX_set_num_tickets(context, 0);
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
        return true;
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
        if (s->client_authority && !ask_for_certificates(context, s->client_authority))
                return tls_fail(context, s->client_authority, error, error_size);
        SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
        SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION); /* a handshake costs us more than who asks for it */
        if (s->alpn)
                SSL_CTX_set_alpn_select_cb(context, select_protocol, s);
        return context;
}

struct tls_server *tls_server_open(const struct tls_server_options *o, char *error, size_t error_size)
{
        struct tls_server *s = memory_alloc(sizeof(*s));

        pthread_mutex_init(&s->lock, NULL);
        s->certificate = memory_strdup(o->certificate);
        s->key = memory_strdup(o->key);
        s->alpn = o->alpn ? memory_strdup(o->alpn) : NULL;
        s->client_authority = o->client_authority ? memory_strdup(o->client_authority) : NULL;
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
        free(s->client_authority);
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

static bool says(const ASN1_STRING *text, const char *name)
{
        unsigned char *utf8 = NULL;
        int length = ASN1_STRING_to_UTF8(&utf8, text);
        bool same = length >= 0 && (size_t)length == strlen(name) && !memcmp(utf8, name, (size_t)length);

        OPENSSL_free(utf8);
        return same;
}

static bool common_name_is(const X509 *certificate, const char *name)
{
        const X509_NAME *subject = X509_get_subject_name(certificate);
        bool same = false;

        for (int i = -1; (i = X509_NAME_get_index_by_NID(subject, NID_commonName, i)) >= 0;)
                same |= says(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, i)), name);
        return same;
}

static bool has_other_name(const X509 *certificate, const char *name)
{
        GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
        bool same = false;

        for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
                const GENERAL_NAME *one = sk_GENERAL_NAME_value(names, i);
                if (one->type == GEN_DNS || one->type == GEN_EMAIL || one->type == GEN_URI)
                        same |= says(one->d.ia5, name);
        }
        GENERAL_NAMES_free(names);
        return same;
}

bool tls_server_client_named(struct ssl_st *ssl, const char *name)
{
        const X509 *certificate = SSL_get0_peer_certificate(ssl);

        return certificate && SSL_get_verify_result(ssl) == X509_V_OK &&
               (common_name_is(certificate, name) || has_other_name(certificate, name));
}
