/* A gRPC check: the health service of the gRPC project (grpc.health.v1.Health/Check) over HTTP/2.
 * https://github.com/grpc/grpc/blob/master/doc/health-checking.md, PROTOCOL-HTTP2.md */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "probes/checks/http_transfer.h"

#define PREFIX    5    /* compressed or not, and the length in four bytes */
#define REPLY_MAX 1024 /* a reply has seven bytes */

enum serving_status { SERVING = 1 };

static const char *const statuses[] = {"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"};

static const char *header_of(struct http_transfer *run, const char *name)
{
        struct curl_header *h;

        return curl_easy_header(run->easy, name, 0, CURLH_TRAILER | CURLH_HEADER, -1, &h) == CURLHE_OK ? h->value
                                                                                                       : NULL;
}

/* HealthCheckResponse: field 1, a varint; not there: 0. -1 when it is none. */
static int status_of(const uint8_t *reply, size_t length)
{
        if (length < PREFIX || reply[0] || reply[1] || reply[2] || reply[3] || reply[4] != length - PREFIX)
                return -1;
        if (length == PREFIX)
                return 0;
        return length == PREFIX + 2 && reply[PREFIX] == 1 << 3 && reply[PREFIX + 1] < 0x80 ? reply[PREFIX + 1] : -1;
}

static void grpc_judge(struct http_transfer *run, struct check_result *result)
{
        const char *grpc_status = header_of(run, "grpc-status"), *message = header_of(run, "grpc-message");
        int status = status_of((const uint8_t *)run->body.data, run->body.length);
        long http_status = 0, version = 0;

        curl_easy_getinfo(run->easy, CURLINFO_RESPONSE_CODE, &http_status);
        curl_easy_getinfo(run->easy, CURLINFO_HTTP_VERSION, &version);
        if (http_status != 200 || version != CURL_HTTP_VERSION_2_0 || !grpc_status) {
                result->reason = REASON_PROTOCOL;
                snprintf(result->detail, sizeof(result->detail), "no gRPC: HTTP status %ld%s", http_status,
                         version != CURL_HTTP_VERSION_2_0 ? ", not HTTP/2" : "");
        } else if (strcmp(grpc_status, "0") != 0) {
                result->reason = REASON_STATUS;
                snprintf(result->detail, sizeof(result->detail), "grpc-status %.10s %.50s", grpc_status,
                         message ? message : "");
        } else if (status < 0) {
                result->reason = REASON_PROTOCOL;
                snprintf(result->detail, sizeof(result->detail), "no reply of a health service");
        } else {
                result->reason = status == SERVING ? REASON_OK : REASON_STATUS;
                snprintf(result->detail, sizeof(result->detail), "%s",
                         (size_t)status < sizeof(statuses) / sizeof(*statuses) ? statuses[status] : "?");
        }
}

/* HealthCheckRequest: field 1, the service's name, unless that is empty. */
static size_t make_request(const char *service, uint8_t *out)
{
        size_t length = strlen(service), size = length ? length + 2 : 0; /* the schema bounds the length to one byte */

        memset(out, 0, PREFIX);
        out[PREFIX - 1] = (uint8_t)size;
        if (length) {
                out[PREFIX] = 1 << 3 | 2;
                out[PREFIX + 1] = (uint8_t)length;
                memcpy(out + PREFIX + 2, service, length);
        }
        return PREFIX + size;
}

static struct check_run *grpc_check_start(struct checker *checker, const struct check_subject *subject,
                                          check_done *done, void *context, struct check_result *result)
{
        const struct monitor *m = check_of(subject)->monitor;
        struct http_transfer *run = http_transfer_new(checker, subject, REPLY_MAX, grpc_judge, done, context, result);
        uint8_t request[256];

        if (!run)
                return NULL;
        http_transfer_target(run, m->grpc.tls, m->grpc.tls && m->tls.name ? m->tls.name : m->http.host,
                             "/grpc.health.v1.Health/Check");
        http_transfer_header(run, "Content-Type: application/grpc");
        http_transfer_header(run, "TE: trailers");
        curl_easy_setopt(run->easy, CURLOPT_POSTFIELDSIZE, (long)make_request(m->grpc.service, request));
        curl_easy_setopt(run->easy, CURLOPT_COPYPOSTFIELDS, (const char *)request);
        curl_easy_setopt(run->easy, CURLOPT_HTTP_VERSION,
                         m->grpc.tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
        curl_easy_setopt(run->easy, CURLOPT_USERAGENT, "gslbd");
        if (m->grpc.tls)
                http_transfer_tls(run);
        return http_transfer_start(run, result);
}

const struct check_driver check_grpc = {grpc_check_start, http_transfer_cancel};
