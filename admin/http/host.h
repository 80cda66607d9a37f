/* admin/http/host.h: whether a request was meant for this server (DNS rebinding: a name of somebody else that leads
 * here). Pure. */
#ifndef ADMIN_HTTP_HOST_H
#define ADMIN_HTTP_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include "base/address.h"

/* `host`: a Host field, with or without a port. Good are loopback names and addresses, the address that the connection
 * came to, and `names` (in any case). */
bool host_allowed(const char *host, const struct address *local, const char *const *names, size_t count);

#endif
