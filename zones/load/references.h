/* zones/load/references.h: who refers to what, kept up as items come and go, so that a change finds whom it concerns.
 * Control thread.
 *
 * The lists stand in the model by the number of what is referred to: services_over a pool (in their lists, or as last
 * resort), pools_around a service (that contain it), services_in a zone; `hints` by the hash of a service's key,
 * whether it exists or not: whose bindings take hints from it. */
#ifndef ZONES_LOAD_REFERENCES_H
#define ZONES_LOAD_REFERENCES_H

#include "zones/config/model.h"

/* for (each reference to the item) */
#define references_each(one, heads, number) for (const struct reference *one = (heads)[number]; one; one = (one)->next)

/* Those of all items of a model that was loaded. */
void references_build(struct model *);
void references_free(struct model *);

void references_add_service(struct model *, struct service *);
void references_remove_service(struct model *, struct service *);
void references_add_pool(struct model *, struct pool *);
void references_remove_pool(struct model *, struct pool *);
/* A service lies in another zone from now on. */
void references_move_service(struct model *, struct service *, uint32_t zone);

/* The first of those that take hints from a service of this name, or of another one with the same hash: each is to be
 * looked at. The others follow. */
const struct reference *references_hinted(const struct model *, const char *key, uint32_t *hash);

#endif
