/* zones/steering/steering_edit.h: a revision that changes some pools and services, in place of steering built anew.
 * Control thread.
 *
 * What it costs is what it touches: a pool, and the routes over it when what they look at has changed; a service, its
 * route. Routes and pools stay where they are. What readers see of them changes for all at once: an answer asks a
 * snapshot, and its version says which of two faces counts (steering_tables.h). */
#ifndef ZONES_STEERING_STEERING_EDIT_H
#define ZONES_STEERING_STEERING_EDIT_H

#include "zones/config/edited.h"
#include "zones/steering/losses.h"
#include "zones/steering/steering.h"

struct steering_edit;

/* Takes the items, which the model has installed: pools, routes, views and their choices as they will be from `version`
 * on, which is above that of every snapshot there is; nobody asks for them yet. Endpoints that come are unknown until
 * steering_set. NULL and *whole: classes or tables are needed that are not there, and steering is as it was. One at a
 * time: the next after this one was kept or dropped. The items must stay until then. */
struct steering_edit *steering_edit_new(struct steering *, const struct edited *, size_t count, uint64_t version,
                                        bool *whole);
/* All is as it was, with the states that were set since, which were a trial. */
void steering_edit_drop(struct steering *, struct steering_edit *);
/* The snapshot with that version is published. What is left of what was is taken away by itself, when nobody asks an
 * older one any more. */
void steering_edit_keep(struct steering *, struct steering_edit *);

/* What it takes: services that were served and are not. Before it is kept. */
size_t losses_edited(const struct steering *, const struct steering_edit *, loss_visit *, void *context);

/* The routes that the services that it changes had; NULL: none. */
typedef void service_visit(void *context, uint32_t service, const struct route *before);
void steering_edit_services_before(const struct steering_edit *, service_visit *, void *context);

/* The name of a service that it takes away; NULL: it takes none of that number. */
const char *steering_edit_service_gone(const struct steering_edit *, uint32_t service);

#endif
