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

enum check_before { CHECK_BEFORE_WAIT, CHECK_BEFORE_UP, CHECK_BEFORE_DOWN };

/* How many of the probers that say up or down must say up. A tie is a majority. */
enum check_quorum { CHECK_QUORUM_MAJORITY, CHECK_QUORUM_ANY, CHECK_QUORUM_ALL, CHECK_QUORUM_COUNT, CHECK_QUORUM_PERCENT };

/* How probers' words make health (probes/health.h). */
struct check_rule {
        enum check_before before; /* what it is until anyone has a word */
        enum check_quorum quorum;
        uint32_t quorum_n;      /* of CHECK_QUORUM_COUNT and _PERCENT */
        int64_t stale_after_ms; /* 0: HEALTH_STALE_AFTER_MS */
        uint32_t quarantine_changes; /* 0: no quarantine; at most HEALTH_CHANGES_MAX */
        int64_t quarantine_window_ms, quarantine_for_ms;
        const char *const *probers; /* names of those that check it */
        uint32_t prober_count;      /* 0: all */
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
        bool paused; /* not checked; health keeps its state */
        int64_t fast_interval_ms, down_interval_ms; /* 0: the interval */
        uint32_t retries, jitter_percent;
        struct check_rule rule;
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
bool check_is_for(const struct check *, const char *prober);
/* A copy of the checks that this prober does. */
struct plan *plan_for_prober(const struct plan *, const char *prober);
/* Equal in everything that matters for checking; `rule` is not part of that. */
bool check_equal(const struct check *, const struct check *);

struct doc *plan_to_doc(const struct plan *, struct arena *);
struct plan *plan_from_doc(const struct doc *, struct problems *);

#endif
