/* base/sha256.h: SHA-256 as text. Any thread. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>

#define SHA256_TEXT 65

/* Lower-case hex of the digest over `a` and then `b` (may be empty). */
void sha256_text(const void *a, size_t a_length, const void *b, size_t b_length, char out[SHA256_TEXT]);

#endif
