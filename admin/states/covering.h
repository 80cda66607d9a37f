/* admin/states/covering.h: drains come into force, or end, in steps beside other work: a region's may cover all there
 * is.
 *
 * What one answer may be made of goes in one step: pools that a service has beside each other, or leads to through
 * services that pools contain. So each answer is one of before or after. Control thread. */
#ifndef ADMIN_STATES_COVERING_H
#define ADMIN_STATES_COVERING_H

#include "admin/states/drains.h"

struct covering;

/* Nothing yet; the model's numbers stay until it is freed. */
struct covering *covering_new(void);
void covering_free(struct covering *); /* NULL is allowed */
/* The endpoints that the drain of this key covers, or covered. */
void covering_add(struct covering *, const char *key);
/* Goes on with it until that time, and behind it to where an answer can stand. What drains leave of the endpoints comes
 * into states and steering, in force. false: there is more. */
bool covering_step(struct covering *, struct drains *, const struct model *, struct endpoint_state *states,
                   struct steering *, uint64_t until_us);

#endif
