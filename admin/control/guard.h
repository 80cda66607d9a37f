/* admin/control/guard.h: what a change would take from clients, told before it is made. Control thread. */
#ifndef ADMIN_CONTROL_GUARD_H
#define ADMIN_CONTROL_GUARD_H

#include "admin/control/findings.h"
#include "base/documents/problems.h"
#include "zones/answers/snapshot.h"
#include "zones/store/store.h"

struct control;

/* What stands against drains, each a problem: as if they were in force already, with those that begin while they last.
 */
struct findings guard_operations(struct control *, const struct revision *, struct problems *);
/* Of a configuration that was built; gives its tables the states that it would begin with. */
struct findings guard_configuration(struct control *, const struct revision *, struct snapshot *, struct problems *);

#endif
