#include "base/hex.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

bool hex_decode(const char *text, uint8_t *out, size_t room, size_t *length)
{
        assert(room);
        ERR_set_mark(); /* what is not hexadecimal is no error of a TLS connection of this thread */
        bool good = OPENSSL_hexstr2buf_ex(out, room, length, text, '\0') && *length;
        ERR_pop_to_mark();
        return good;
}
