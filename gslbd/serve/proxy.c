#include "gslbd/serve/proxy.h"

#include <string.h>

#define VERSION_2 0x20
#define LOCAL     0
#define PROXY     1
#define TCP_V4    0x11
#define TCP_V6    0x21
#define PORTS     4 /* bytes of two of them */

static const uint8_t signature[12] = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};

size_t proxy_header_length(const uint8_t head[PROXY_HEAD])
{
        size_t length = PROXY_HEAD + ((size_t)head[14] << 8 | head[15]);
        uint8_t command = head[12] & 0x0f;

        if (memcmp(head, signature, sizeof(signature)) || (head[12] & 0xf0) != VERSION_2 || command > PROXY ||
            length > PROXY_MAX)
                return 0;
        return length;
}

bool proxy_client(const uint8_t *header, size_t length, struct address *client)
{
        uint8_t family = header[13];
        size_t size = family == TCP_V4 ? 4 : 16;

        if ((header[12] & 0x0f) == LOCAL || (family != TCP_V4 && family != TCP_V6))
                return true;
        if (length < PROXY_HEAD + 2 * size + PORTS)
                return false;
        *client = (struct address){.family = family == TCP_V4 ? ADDRESS_V4 : ADDRESS_V6};
        memcpy(client->bytes, header + PROXY_HEAD, size);
        return true;
}
