/* admin/http/head.h: the head of an HTTP/1.1 request, and the framing of a chunked body, taken strictly (RFC 9112):
 * what two readers could understand differently is refused. Pure functions over bytes. */
#ifndef ADMIN_HTTP_HEAD_H
#define ADMIN_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"

#define HEAD_BYTES_MAX  16384 /* request line and fields */
#define HEAD_FIELDS_MAX 64

struct head {
        const char *method, *path; /* the path as sent, beginning with '/' */
        const char *query;         /* what follows '?', or NULL */
        const char *host;          /* of the target in absolute form, else of the field; NULL: none (HTTP/1.0) */
        struct {
                const char *name, *value;
        } fields[HEAD_FIELDS_MAX];
        size_t field_count;
        uint64_t length; /* of the body; 0 when it is chunked */
        bool chunked, keep_alive, is_1_1;
        bool expects_continue; /* waits for 100 before it sends the body */
};

/* How long the head at the beginning of `text` is, with the empty line that ends it. 0: it is not whole yet; `*scanned`
 * (0 at first) remembers how far it was looked through. -1: a byte that no head has (NUL, CR or LF alone). */
long head_length(const char *text, size_t length, size_t *scanned);

/* Takes a whole head apart, in place; a NUL stands behind it; the fields point into `text`. 0, or the status that
 * refuses it with `why`. */
int head_parse(char *text, size_t length, struct head *, const char **why);

const char *head_field(const struct head *, const char *name); /* NULL: absent */

/* A line "1a;name=value" before a chunk, without its CRLF. */
bool chunk_size_parse(const char *line, uint64_t *size);

/* %2F and the like; with `plus`, + is a space. NULL: not valid, with a NUL in it, or not UTF-8. */
char *percent_decode(struct arena *, const char *text, size_t length, bool plus);

#endif
