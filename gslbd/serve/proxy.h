/* gslbd/serve/proxy.h: the header by which a proxy tells whom it speaks for: PROXY protocol, version 2. Pure.
 * https://www.haproxy.org/download/2.6/doc/proxy-protocol.txt, 2.2 */
#ifndef GSLBD_SERVE_PROXY_H
#define GSLBD_SERVE_PROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/address.h"

#define PROXY_HEAD 16   /* bytes that say how many more follow */
#define PROXY_MAX  1024 /* bytes of a header: addresses and what else the proxy tells */

/* The length of the whole header; 0 when it is none of version 2, or longer than PROXY_MAX. */
size_t proxy_header_length(const uint8_t head[PROXY_HEAD]);
/* Takes a whole header. *client is set when it names one: a proxy that speaks for itself (LOCAL), or of a client that
 * does not come by TCP over IP, leaves it as it is. false: it is malformed. */
bool proxy_client(const uint8_t *header, size_t length, struct address *client);

#endif
