/* zones/answers/ordered.h: the names of a zone in canonical order (RFC 4034 6.1): a tree that is never changed. To add,
 * replace or remove a name makes another tree, which shares all but the way to that name. Workers read; the control
 * thread makes. NULL is the empty tree. */
#ifndef ZONES_ANSWERS_ORDERED_H
#define ZONES_ANSWERS_ORDERED_H

#include <stddef.h>
#include "zones/answers/blocks.h"
#include "zones/answers/nodes.h"

struct ordered;

/* Below, at or above 0: where name `a` stands to `b` in canonical order. Both in lower case. */
int name_order(const uint8_t *a, const uint8_t *b);

/* Of nodes of different names of one zone, in any order, which it sorts. */
const struct ordered *ordered_build(struct blocks *, const struct node **, size_t count);
/* With this node, in the place of the one of its name if there is one. */
const struct ordered *ordered_put(struct blocks *, const struct ordered *, const struct node *);
/* Without the node of this name, which must be there. */
const struct ordered *ordered_remove(struct blocks *, const struct ordered *, const uint8_t *name);
/* Nothing of it is used any more, its nodes apart. */
void ordered_gone(struct blocks *, const struct ordered *);

/* The node of this name, or NULL. */
const struct node *ordered_find(const struct ordered *, const uint8_t *name);
/* The first name behind this one, whether that is there or not; or NULL. */
const struct node *ordered_next(const struct ordered *, const uint8_t *name);
typedef void ordered_visit(void *context, const struct node *);
void ordered_each(const struct ordered *, ordered_visit *, void *context);

#endif
