/* zones/monitors/monitor_reply.h: what is sent and what comes back, for the types that speak over a socket of their
 * own. */
#ifndef ZONES_MONITORS_MONITOR_REPLY_H
#define ZONES_MONITORS_MONITOR_REPLY_H

#include <stdint.h>
#include "base/documents/schema.h"
#include "base/pattern.h"

/* Bytes that may be anything: given as text or in hexadecimal. */
struct bytes {
        const uint8_t *data; /* NULL: not given */
        uint32_t length;
};

/* What a reply has to contain: each that is given. */
struct reply_expected {
        struct bytes bytes;
        struct pattern regex;
};

/* Text and hexadecimal stand for the same member: one of them is given. */
#define MONITOR_REPLY_FIELDS(of, prefix)                                                                               \
        OPTIONAL_CUSTOM("send", of, send, struct bytes, check_bytes,                                                   \
                        prefix "text to send; write \"\\r\\n\" in double quotes for an end of line"),                  \
                OPTIONAL_CUSTOM("send_hex", of, send, struct bytes, check_hex,                                         \
                                prefix "bytes to send, in hexadecimal"),                                               \
                OPTIONAL_CUSTOM("expect", of, expect.bytes, struct bytes, check_bytes, prefix "text that comes back"), \
                OPTIONAL_CUSTOM("expect_hex", of, expect.bytes, struct bytes, check_hex,                               \
                                prefix "bytes that come back, in hexadecimal"),                                        \
                OPTIONAL_STRING("expect_regex", of, expect.regex.text,                                                 \
                                prefix "regular expression (PCRE2) that matches in what comes back", .max = 500,       \
                                .check = check_regex)

/* struct bytes, from text and from hexadecimal digits. */
void check_bytes(const struct doc *at, struct arena *, void *out, struct problems *);
void check_hex(const struct doc *at, struct arena *, void *out, struct problems *);
/* struct pattern: its text is there and is compiled. */
void check_regex(const struct doc *at, struct arena *, void *out, struct problems *);

#endif
