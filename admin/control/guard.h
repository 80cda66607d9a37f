/* admin/control/guard.h: what a change would take from clients, told before it is made. Control thread. */
#ifndef ADMIN_CONTROL_GUARD_H
#define ADMIN_CONTROL_GUARD_H

#include "admin/control/terms.h"
#include "base/documents/problems.h"
#include "zones/answers/snapshot.h"
#include "zones/steering/rules.h"
#include "zones/store/store.h"

struct control;
struct steering_edit;

/* What stands against drains, each a problem: as if they were in force already, with those that begin while they last.
 */
struct findings guard_operations(struct control *, const struct revision *, struct problems *);
/* Of a configuration that was built, with the states that it would begin with: what services from one number to before
 * another lose is added to the findings; then, once, rules and traffic (`r` NULL: traffic alone). */
void guard_configuration(const struct snapshot *, uint32_t from, uint32_t to, struct findings *, struct problems *);
void guard_whole(struct control *, const struct revision *, const struct snapshot *, struct findings *,
                 struct problems *);

/* Of an edit that steering has taken, with the states that it begins with; `before` is what steering was. */
struct findings guard_edit(struct control *, const struct rules_before *before, const struct revision *,
                           const struct steering_edit *, struct problems *);

/* Whether it may be done: nothing stands against it, or that is not heeded, and the revision says so (in the arena). */
bool guard_permits(struct revision *, const struct findings *, const struct change_terms *, struct arena *,
                   const struct problems *);

#endif
