/* gslbd/serve/port_holder.h: which process has a port, for an error that names it. Control thread; reads /proc. */
#ifndef GSLBD_SERVE_PORT_HOLDER_H
#define GSLBD_SERVE_PORT_HOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/address.h"

/* "gslbd, process 4711" of a socket that is bound so that nobody else can have address and port; false: not to be
 * found, as with those of other users. `type`: SOCK_DGRAM (UDP) or SOCK_STREAM (TCP, listening). */
bool port_holder(const struct address *, uint16_t port, int type, char *out, size_t size);

#endif
