/* zones/monitors/monitor_http.h: what a check by HTTP asks for, and what it expects; much of it is of checks of type
 * metrics, too. */
#ifndef ZONES_MONITORS_MONITOR_HTTP_H
#define ZONES_MONITORS_MONITOR_HTTP_H

#include <stdbool.h>
#include <stdint.h>
#include "base/documents/schema.h"
#include "base/pattern.h"

enum http_version { HTTP_VERSION_AUTO, HTTP_VERSION_1_1, HTTP_VERSION_2 };

struct status_range {
        uint16_t first, last;
};

struct monitor_http {
        const char *path, *method, *host; /* host: Host header and TLS name; NULL: the endpoint's */
        const struct doc *headers;        /* map of strings, or NULL */
        const char *body, *user_agent;    /* NULL: none, gslbd/VERSION */
        int version;                      /* enum http_version */
        bool follow_redirects;
        struct monitor_expect {
                struct status_ranges {
                        struct status_range *items;
                        uint32_t count;
                } status;
                const struct doc *headers;
                const char *body;
                struct pattern body_regex;
                struct monitor_expect_not {
                        const struct doc *headers;
                        const char *body;
                        struct pattern body_regex;
                } not_;
        } expect;
};

/* They stand beside the fields that all types have: lines of the monitor's table. */
#define MONITOR_HTTP_FIELDS                                                                                            \
        STRING("path", monitor, http.path, "/", "http: path and query", .max = 2000, .check = check_path),             \
                STRING("method", monitor, http.method, "GET", "http: method", .max = 20, .check = check_one_line),     \
                OPTIONAL_STRING("host", monitor, http.host,                                                            \
                                "http: Host header; the endpoint's address or name when not given", .max = 255,        \
                                .check = check_one_line),                                                              \
                CUSTOM("headers", monitor, http.headers, const struct doc *, NO_MEMBERS, check_headers,                \
                       "http: more request headers"),                                                                  \
                OPTIONAL_STRING("body", monitor, http.body, "http: request body", .max = 65536),                       \
                OPTIONAL_STRING("user_agent", monitor, http.user_agent,                                                \
                                "http: User-Agent; gslbd/VERSION when not given", .max = 200, .check = check_line),    \
                ENUM("http_version", monitor, http.version, HTTP_VERSION_AUTO, http_versions,                          \
                     "http: HTTP/2 where TLS offers it, always HTTP/1.1, or nothing but HTTP/2"),                      \
                BOOL("follow_redirects", monitor, http.follow_redirects, false,                                        \
                     "http: whether the status is that of where redirects lead, at the same address"),                 \
                MAP("expect", monitor, http.expect, monitor_expect, "what a passed check looks like")

extern const char *const http_versions[];
void check_one_line(const struct doc *at, struct arena *, void *out, struct problems *); /* a string without spaces */
void check_line(const struct doc *at, struct arena *, void *out, struct problems *);
void check_path(const struct doc *at, struct arena *, void *out, struct problems *);
/* A map of strings on one line; const struct doc *. */
void check_headers(const struct doc *at, struct arena *, void *out, struct problems *);

extern const struct schema monitor_expect_schema;

#endif
