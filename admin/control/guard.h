/* admin/control/guard.h: what a change would take from clients, told before it is made. Control thread. */
#ifndef ADMIN_CONTROL_GUARD_H
#define ADMIN_CONTROL_GUARD_H

#include "admin/control/findings.h"
#include "base/documents/problems.h"
#include "zones/answers/snapshot.h"
#include "zones/steering/rules.h"
#include "zones/store/store.h"

struct control;
struct steering_edit;

/* What stands against drains, each a problem: as if they were in force already, with those that begin while they last.
 */
struct findings guard_operations(struct control *, const struct revision *, struct problems *);
/* Of a configuration that was built; gives its tables the states that it would begin with. */
struct findings guard_configuration(struct control *, const struct revision *, struct snapshot *, struct problems *);

/* Of an edit that steering has taken, with the states that it begins with; `before` is what steering was. */
struct findings guard_edit(struct control *, const struct rules_before *before, const struct revision *,
                           const struct steering_edit *, struct problems *);

#endif
