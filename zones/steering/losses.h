/* zones/steering/losses.h: which services, or clients of which regions, would have nothing healthy any more. Pure;
 * control thread.
 *
 * "Healthy" is what steering counts: up and not drained, or not known to be down. Asked of the code that decides
 * (steering_routes.c), before and after; who had nothing before loses nothing. */
#ifndef ZONES_STEERING_LOSSES_H
#define ZONES_STEERING_LOSSES_H

#include "zones/steering/steering.h"
#include "zones/steering/suppose.h"

struct loss {
        const struct service *service; /* in the model after */
        const char *type;              /* "A" or "AAAA" when the other is served on; else NULL */
        const uint32_t *regions;       /* whose clients, in that model; NULL: all clients */
        uint32_t region_count;
};
typedef void loss_visit(void *context, const struct loss *);

/* What the second supposition takes beyond the first, or beyond what is (NULL). Looks at routes over the pools it
 * touches alone, and only if something is lost at all services. Returns how many services lose. */
size_t losses_supposed(const struct steering *, const struct supposition *before, const struct supposition *after,
                       loss_visit *, void *context);
/* What a new configuration takes that is to come into force with its states, of services from one number to before
 * another. A service that is not there any more, or is switched off, is no loss: that was asked. */
size_t losses_configured(const struct steering *before, const struct steering *after, uint32_t from, uint32_t to,
                         loss_visit *, void *context);

#endif
