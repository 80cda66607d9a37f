/* probes/plan.h: what to check, as plain values: no zones, no pools. Built by the node from the configuration, sent to probers as JSON. */
#ifndef PROBES_PLAN_H
#define PROBES_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/address.h"
#include "base/arena.h"
#include "base/doc.h"
#include "base/problems.h"

enum check_type { CHECK_HTTP, CHECK_HTTPS, CHECK_TCP };

struct check_status_range {
        uint16_t first, last;
};

struct check_header {
        const char *name, *value;
};

enum check_http_version { CHECK_HTTP_AUTO, CHECK_HTTP_1_1, CHECK_HTTP_2 };

/* What a reply contains: each that is not NULL. */
struct check_content {
        const struct check_header *headers; /* the value contains the text */
        uint32_t header_count;
        const char *body;       /* somewhere in the first 64 KiB */
        const char *body_regex; /* likewise; POSIX extended */
};

/* One check of one endpoint. Strings live in the plan's arena. */
struct check {
        const char *id;   /* "pool/endpoint" */
        const char *monitor; /* its monitor's name, for people */
        enum check_type type;
        struct address address; /* family ADDRESS_NONE: use `host_name` */
        const char *host_name;  /* of a CNAME endpoint, resolved by the prober */
        uint16_t port;
        int64_t interval_ms, timeout_ms;
        uint32_t rise, fall;
        const char *path, *method, *host;
        const struct check_header *headers;
        uint32_t header_count;
        const struct check_status_range *status;
        uint32_t status_count;
        const char *body, *user_agent; /* of the request; NULL: none, gslbd/VERSION */
        enum check_http_version http_version;
        bool follow_redirects;
        struct check_content expect, refuse; /* of the reply: all of the first, nothing of the second */
        bool tls_verify;
        const char *tls_ca_file, *tls_name, *tls_cert_file, *tls_key_file;
};

struct plan {
        struct arena *arena;
        uint64_t revision;
        const struct check *checks; /* sorted by id */
        uint32_t count;
};

struct plan *plan_new(uint64_t revision);
void plan_free(struct plan *);
/* Takes an array made in plan->arena; sorts it. */
void plan_set(struct plan *, struct check *checks, uint32_t count);
/* Equal in everything that matters for checking. */
bool check_equal(const struct check *, const struct check *);

struct doc *plan_to_doc(const struct plan *, struct arena *);
struct plan *plan_from_doc(const struct doc *, struct problems *);

#endif
