/* admin/views/selection.h: which endpoints a caller means: what is given must hold all together. Control thread. */
#ifndef ADMIN_CONTROL_SELECTION_H
#define ADMIN_CONTROL_SELECTION_H

#include "zones/config/model.h"
#include "zones/store/store.h"

struct selection {
        const char *region, *pool, *label, *cidr_text; /* NULL: not given */
        struct prefix cidr;
        uint32_t most; /* pools and endpoints that are looked at; 0: all */
};

/* Where a look at `most` ended; "": it ended by itself. To be given as `after`. */
#define SELECTION_PLACE_MAX 600

/* Visits those that are meant, by their pools' names and within a pool as it lists them, until a visit returns false;
 * only those behind `after` ("pool/endpoint"; NULL: all): where that endpoint is gone, its pool begins anew, where the
 * pool is gone, the next one by name. A visit may read, as one of store_each. false: the store could not be read to the
 * end. */
typedef bool selection_visit(void *context, const struct endpoint *);
bool selection_each(const struct selection *, const struct model *, struct store_txn *, const char *after,
                    selection_visit *, void *context, char place[SELECTION_PLACE_MAX]);
bool labels_have(const struct strings *labels, const char *label);

#endif
