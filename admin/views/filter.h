/* admin/views/filter.h: what of a list a caller means: names that begin so, and what they belong to. Asked of the
 * model, so that a look costs no reading. Control thread. */
#ifndef ADMIN_VIEWS_FILTER_H
#define ADMIN_VIEWS_FILTER_H

#include "zones/config/model.h"

/* A call looks at so many, and says where it ended: the next goes on there. */
#define FILTER_LOOKS_MOST 20000

struct filter {
        const char *prefix, *region, *pool, *label; /* NULL: any; what is given must hold all together */
};

/* Whether a kind can be asked for these, and there are that region and that pool; else what is wrong, in the arena. */
const char *filter_wrong(const struct filter *, const struct model *, enum kind, struct arena *);
/* Whether the item of this key is meant. A service belongs to the regions of its pools; what is left out of what is
 * served is in no region, no pool, and has no labels. */
bool filter_item(const struct filter *, const struct model *, enum kind, const char *key);
/* The same of "region/eu", "pool/web-eu", "endpoint/web-eu/eu1" and "service/NAME/...". */
bool filter_place(const struct filter *, const struct model *, const char *place);
/* The place of a list to begin behind, for what begins with `prefix` alone; `after`: or later. Into out. */
#define FILTER_START_MAX 1100
const char *filter_start(const struct filter *, const char *after, char out[FILTER_START_MAX]);
/* Whether nothing behind this key can begin with the prefix any more. */
bool filter_is_over(const struct filter *, const char *key);

#endif
