/* probes/checks/transfer.h: checks by HTTP: libcurl's multi interface on libevent. A type sets up the request and judges the reply.
 *
 * All on the thread of the engine's event base. */
#ifndef PROBES_CHECKS_TRANSFER_H
#define PROBES_CHECKS_TRANSFER_H

#include <curl/curl.h>
#include "base/buffer.h"
#include "probes/checks/check_run.h"

struct transfer;
/* What a whole reply is worth: `result` says REASON_OK and the round trip; the rest is written here. */
typedef void transfer_judge(struct transfer *, struct check_result *);

struct transfer {
        struct transfers *all;
        CURL *easy;
        struct curl_slist *headers, *connect_to;
        const struct check_subject *subject;
        uint64_t started_us;
        struct buffer body; /* as much as its maximum; what is beyond is not waited for */
        size_t received;    /* bytes of body */
        transfer_judge *judge;
        check_done *done;
        void *context;
        char error[CURL_ERROR_SIZE];
};

/* NULL with *result when libcurl gives no handle. `body_max`: 0 when nobody looks into it. */
struct transfer *transfer_new(struct checker *, const struct check_subject *, size_t body_max, transfer_judge *, check_done *,
                              void *context, struct check_result *result);
/* Where it goes: the check's address or host name and port; `name` (NULL: the address) is for the URL, and so for TLS. */
void transfer_target(struct transfer *, bool tls, const char *name, const char *path);
void transfer_header(struct transfer *, const char *line);
void transfer_headers(struct transfer *, const struct doc *map);
void transfer_host(struct transfer *, const char *host); /* the Host header as written, also where TLS has another name; NULL: none of its own */
/* As `tls` of the check's monitor has it. */
void transfer_tls(struct transfer *);
/* Begins. NULL with *result; the transfer is freed then. */
struct check_run *transfer_start(struct transfer *, struct check_result *result);
void transfer_cancel(struct check_run *);

#endif
