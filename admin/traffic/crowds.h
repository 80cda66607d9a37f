/* admin/traffic/crowds.h: who has asked, told apart by what class they are of in another table of clients. */
#ifndef ADMIN_TRAFFIC_CROWDS_H
#define ADMIN_TRAFFIC_CROWDS_H

#include "admin/traffic/clients.h"
#include "geo/locate.h"
#include "zones/forecast/asked.h"

/* Clients of a class go to other classes as those of them do that were drawn: for the same service and type, or when
 * none was, for any. `seconds` is the caller's. asked_free it. */
struct asked clients_asked(const struct clients *, const struct locator *was, const struct locator *is);
void asked_free(struct asked *);

/* Another table of clients is in force: counts them by its classes from now on. */
void clients_move(struct clients *, const struct locator *was, const struct locator *is);

#endif
