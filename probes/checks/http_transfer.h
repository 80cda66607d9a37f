/* probes/checks/http_transfer.h: checks by HTTP: libcurl's multi interface on libevent. A type sets up the request and
 * judges the reply.
 *
 * All on the thread of the engine's event base. */
#ifndef PROBES_CHECKS_HTTP_TRANSFER_H
#define PROBES_CHECKS_HTTP_TRANSFER_H

#include <curl/curl.h>
#include "base/buffer.h"
#include "base/resolver.h"
#include "probes/checks/check_run.h"

struct http_transfer;
/* What a whole reply is worth: `result` says REASON_OK and the round trip; the rest is written here. */
typedef void http_transfer_judge(struct http_transfer *, struct check_result *);

struct http_transfer {
        struct checker *checker;
        struct http_transfers *all;
        CURL *easy;
        struct curl_slist *headers, *connect_to, *addresses;
        const struct check_subject *subject;
        uint64_t started_us;
        struct buffer body;    /* as much as its maximum; what is beyond is not waited for */
        size_t received;       /* bytes of body */
        struct lookup *lookup; /* of the host name, or NULL */
        struct event *timer;   /* bounds that */
        http_transfer_judge *judge;
        check_done *done;
        void *context;
        char error[CURL_ERROR_SIZE];
};

/* NULL with *result when libcurl gives no handle. `body_max`: 0 when nobody looks into it. */
struct http_transfer *http_transfer_new(struct checker *, const struct check_subject *, size_t body_max,
                                        http_transfer_judge *, check_done *, void *context,
                                        struct check_result *result);
/* Where it goes: the check's address or host name and port; `name` (NULL: the address) is for the URL, and so for TLS.
 */
void http_transfer_target(struct http_transfer *, bool tls, const char *name, const char *path);
void http_transfer_header(struct http_transfer *, const char *line);
void http_transfer_headers(struct http_transfer *, const struct doc *map);
void http_transfer_host(
        struct http_transfer *,
        const char *host); /* the Host header as written, also where TLS has another name; NULL: none of its own */
/* As `tls` of the check's monitor has it. */
void http_transfer_tls(struct http_transfer *);
/* Begins. NULL with *result; the transfer is freed then. */
struct check_run *http_transfer_start(struct http_transfer *, struct check_result *result);
void http_transfer_cancel(struct check_run *);

#endif
