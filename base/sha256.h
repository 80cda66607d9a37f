/* base/sha256.h: SHA-256. Any thread. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES 32
#define SHA256_TEXT  65

/* Lower-case hex of the digest over `a` and then `b` (may be empty). */
void sha256_text(const void *a, size_t a_length, const void *b, size_t b_length, char out[SHA256_TEXT]);

/* For many short texts one after the other. */
struct sha256;
struct sha256 *sha256_new(void);
void sha256_of(struct sha256 *, const void *, size_t, uint8_t out[SHA256_BYTES]);
/* For one long text: all its parts, then its end; then another may begin. */
void sha256_add(struct sha256 *, const void *, size_t);
void sha256_end(struct sha256 *, char out[SHA256_TEXT]);
void sha256_free(struct sha256 *);

#endif
