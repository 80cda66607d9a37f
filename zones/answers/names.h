/* zones/answers/names.h: the table of all names of a snapshot: a hash over canonical wire names.
 *
 * A name's hash is made label by label from the right, so one pass gives the hashes of all its ancestors: an existing
 * name costs one probe, the closest encloser of one that does not exist one probe per missing label. */
#ifndef ZONES_ANSWERS_NAMES_H
#define ZONES_ANSWERS_NAMES_H

#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "zones/dns/name.h"
#include "zones/answers/nodes.h"

struct names;

/* A table for at most `capacity` names. */
struct names *names_new(struct arena *, size_t capacity);
/* The node of this name (its length with the root label), made when it is new. The name is copied. The table must not
 * be full. */
struct node *names_add(struct names *, struct arena *, const uint8_t *name, unsigned length);
struct node *names_find(const struct names *, const uint8_t *name, unsigned length);
size_t names_count(const struct names *);
struct node *names_at(const struct names *, size_t index); /* in the order of adding */

/* snapshot_lookup's work. */
void names_lookup(const struct names *, const uint8_t *name, unsigned length, struct lookup *);

#endif
