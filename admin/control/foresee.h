/* admin/control/foresee.h: what a change would do to traffic, where the guard looks. Control thread. */
#ifndef ADMIN_CONTROL_FORESEE_H
#define ADMIN_CONTROL_FORESEE_H

#include "admin/control/findings.h"
#include "base/documents/problems.h"
#include "zones/steering/steering_edit.h"
#include "zones/steering/suppose.h"

struct control;

/* Looks when the change is to be told of (control->tell), or a rule asks: adds to the findings. An edit that is under
 * way; steering as it would be with other states; steering that was built anew. */
void foresee_edit(struct control *, const struct steering_edit *, struct findings *, struct problems *);
void foresee_states(struct control *, struct supposition *, struct findings *, struct problems *);
void foresee_steering(struct control *, const struct steering *, struct findings *, struct problems *);

#endif
