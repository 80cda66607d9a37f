/* A TLS check: a handshake, and a certificate that is valid for the name and good for long enough. */
#include <errno.h>
#include <event2/event.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "base/memory.h"
#include "probes/checks/socket_run.h"

struct tls_check {
        struct socket_run socket;
        SSL_CTX *context;
        SSL *ssl;
};

static void tls_release(struct socket_run *socket)
{
        struct tls_check *run = (struct tls_check *)socket;

        SSL_free(run->ssl);
        SSL_CTX_free(run->context);
}

/* The newest of OpenSSL's errors, for people; the queue is empty afterwards. */
static void openssl_error(char *out, size_t size)
{
        const char *reason = ERR_reason_error_string(ERR_peek_last_error());

        snprintf(out, size, "%s", reason ? reason : "closed");
        ERR_clear_error();
}

/* Whole days until the certificate ends, below 0 when it has. */
static bool days_left(const X509 *certificate, int *days)
{
        int seconds;

        if (!certificate || !ASN1_TIME_diff(days, &seconds, NULL, X509_get0_notAfter(certificate)))
                return false;
        if (seconds < 0)
                --*days;
        return true;
}

static void tls_judge(struct tls_check *run)
{
        const struct monitor *m = check_of(run->socket.subject)->monitor;
        char detail[80];
        int days;

        if (!days_left(SSL_get0_peer_certificate(run->ssl), &days)) {
                socket_run_finish(&run->socket, REASON_CERTIFICATE, "there is none");
                return;
        }
        snprintf(detail, sizeof(detail), "%s, %d days left", SSL_get_version(run->ssl), days);
        socket_run_finish(&run->socket, days < m->tls.min_days_left ? REASON_CERTIFICATE : REASON_OK, detail);
}

static void shake_hands(struct socket_run *socket)
{
        struct tls_check *run = (struct tls_check *)socket;
        char detail[80];

        ERR_clear_error();
        int code = SSL_connect(run->ssl), why = SSL_get_error(run->ssl, code);
        if (code == 1) {
                tls_judge(run);
        } else if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) {
                socket_run_wait(socket, why == SSL_ERROR_WANT_READ ? EV_READ : EV_WRITE, shake_hands);
        } else if (SSL_get_verify_result(run->ssl) != X509_V_OK) {
                socket_run_finish(socket, REASON_CERTIFICATE,
                                  X509_verify_cert_error_string(SSL_get_verify_result(run->ssl)));
                ERR_clear_error();
        } else if (why == SSL_ERROR_SYSCALL && errno) {
                socket_run_fail(socket, errno);
        } else {
                openssl_error(detail, sizeof(detail));
                socket_run_finish(socket, why == SSL_ERROR_SYSCALL ? REASON_CLOSED : REASON_TLS, detail);
        }
}

/* What is sent as SNI and looked for in the certificate: the monitor's name, the endpoint's host name, or its address.
 */
static bool set_name(struct tls_check *run)
{
        const struct check *c = check_of(run->socket.subject);
        const char *name = c->monitor->tls.name ? c->monitor->tls.name : c->host_name;
        char address[ADDRESS_TEXT_MAX];

        if (!name)
                return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(run->ssl), address_format(&c->address, address));
        return SSL_set_tlsext_host_name(run->ssl, name) && SSL_set1_host(run->ssl, name);
}

static bool set_up(struct tls_check *run)
{
        const struct monitor *m = check_of(run->socket.subject)->monitor;

        run->context = SSL_CTX_new(TLS_client_method());
        if (!run->context || (m->tls.ca_file ? !SSL_CTX_load_verify_file(run->context, m->tls.ca_file)
                                             : !SSL_CTX_set_default_verify_paths(run->context)))
                return false;
        if (m->tls.cert_file && (SSL_CTX_use_certificate_chain_file(run->context, m->tls.cert_file) != 1 ||
                                 SSL_CTX_use_PrivateKey_file(run->context, m->tls.key_file, SSL_FILETYPE_PEM) != 1))
                return false;
        run->ssl = SSL_new(run->context);
        if (!run->ssl || !set_name(run))
                return false;
        SSL_set_verify(run->ssl, m->tls.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
        return SSL_set_fd(run->ssl, run->socket.fd);
}

static void on_connected(struct socket_run *socket)
{
        struct tls_check *run = (struct tls_check *)socket;
        char detail[80];

        if (set_up(run)) {
                shake_hands(socket);
                return;
        }
        openssl_error(detail, sizeof(detail));
        socket_run_finish(socket, REASON_INTERNAL, detail);
}

static struct check_run *tls_check_start(struct checker *checker, const struct check_subject *subject, check_done *done,
                                         void *context, struct check_result *result)
{
        struct tls_check *run = memory_alloc(sizeof(*run));

        run->socket.type = SOCK_STREAM;
        run->socket.connected = on_connected;
        run->socket.release = tls_release;
        return socket_run_start(&run->socket, checker, subject, done, context, result);
}

const struct check_driver check_tls = {tls_check_start, socket_run_cancel};
