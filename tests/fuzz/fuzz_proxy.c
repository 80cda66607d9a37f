/* Any bytes as the header of a proxy (PROXY protocol, version 2): memory safe, and a client comes out of it only when
 * it names one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gslbd/serve/proxy.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const struct address before = {.family = ADDRESS_V4, .bytes = {198, 51, 100, 7}};
        struct address client = before;
        uint8_t head[PROXY_HEAD] = {0};

        memcpy(head, data, size < PROXY_HEAD ? size : PROXY_HEAD);
        size_t length = proxy_header_length(head);
        must(!length || (length >= PROXY_HEAD && length <= PROXY_MAX));
        if (!length || size < length)
                return 0;
        uint8_t *header = malloc(length); /* exact, for the sanitizer */
        must(header != NULL);
        memcpy(header, data, length);
        bool good = proxy_client(header, length, &client);
        must(good || address_equal(&client, &before));
        must(client.family == ADDRESS_V4 || client.family == ADDRESS_V6);
        bool names = (header[12] & 15) == 1 && (header[13] == 0x11 || header[13] == 0x21);
        must(names || address_equal(&client, &before));
        free(header);
        return 0;
}
