#include "base/sha256.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

void sha256_text(const void *a, size_t a_length, const void *b, size_t b_length, char out[SHA256_TEXT])
{
        unsigned char digest[EVP_MAX_MD_SIZE];
        unsigned length = 0;
        EVP_MD_CTX *c = EVP_MD_CTX_new();

        if (!c || !EVP_DigestInit_ex(c, EVP_sha256(), NULL) || !EVP_DigestUpdate(c, a, a_length) ||
            !EVP_DigestUpdate(c, b, b_length) || !EVP_DigestFinal_ex(c, digest, &length) || length != SHA256_TEXT / 2)
                abort(); /* no memory, or a library without SHA-256: no digest is better than a wrong one */
        EVP_MD_CTX_free(c);
        for (unsigned i = 0; i < length; i++)
                snprintf(out + 2 * (size_t)i, 3, "%02x", digest[i]);
}
