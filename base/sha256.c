#include "base/sha256.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

/* No memory, or a library without SHA-256: no digest is better than a wrong one. */
static void must(int good)
{
        if (!good)
                abort();
}

struct sha256 *sha256_new(void)
{
        EVP_MD_CTX *c = EVP_MD_CTX_new();

        must(c && EVP_DigestInit_ex(c, EVP_sha256(), NULL));
        return (struct sha256 *)c;
}

void sha256_of(struct sha256 *s, const void *data, size_t length, uint8_t out[SHA256_BYTES])
{
        EVP_MD_CTX *c = (EVP_MD_CTX *)s;

        must(EVP_DigestUpdate(c, data, length) && EVP_DigestFinal_ex(c, out, NULL));
        must(EVP_DigestInit_ex(c, NULL, NULL)); /* again, with what is known of it */
}

void sha256_add(struct sha256 *s, const void *data, size_t length)
{
        must(EVP_DigestUpdate((EVP_MD_CTX *)s, data, length));
}

static void text_of(const uint8_t digest[SHA256_BYTES], char out[SHA256_TEXT])
{
        for (unsigned i = 0; i < SHA256_BYTES; i++)
                snprintf(out + 2 * (size_t)i, 3, "%02x", digest[i]);
}

void sha256_end(struct sha256 *s, char out[SHA256_TEXT])
{
        uint8_t digest[SHA256_BYTES];

        sha256_of(s, "", 0, digest);
        text_of(digest, out);
}

void sha256_free(struct sha256 *s)
{
        EVP_MD_CTX_free((EVP_MD_CTX *)s);
}

void sha256_text(const void *a, size_t a_length, const void *b, size_t b_length, char out[SHA256_TEXT])
{
        uint8_t digest[SHA256_BYTES];
        EVP_MD_CTX *c = EVP_MD_CTX_new();

        must(c && EVP_DigestInit_ex(c, EVP_sha256(), NULL) && EVP_DigestUpdate(c, a, a_length) &&
             EVP_DigestUpdate(c, b, b_length) && EVP_DigestFinal_ex(c, digest, NULL));
        EVP_MD_CTX_free(c);
        text_of(digest, out);
}
