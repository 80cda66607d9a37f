/* probes/prober/roster.h: the plan that a node keeps. Each check has a place that it keeps as long as its id is there;
 * what changed last is remembered, so that a prober that knows an older plan can be told the difference. Control
 * thread.
 */
#ifndef PROBES_PROBER_ROSTER_H
#define PROBES_PROBER_ROSTER_H

#include "probes/prober/kept.h"
#include "probes/prober/plan.h"

#define ROSTER_NONE    UINT32_MAX
#define ROSTER_HISTORY 8192 /* changes of checks that are remembered */

struct roster;

struct roster *roster_new(void);
void roster_free(struct roster *);

uint32_t roster_end(const struct roster *);                           /* where places end */
uint32_t roster_count(const struct roster *);                         /* how many checks there are */
const struct check *roster_at(const struct roster *, uint32_t place); /* NULL: a hole */
uint32_t roster_find(const struct roster *, const char *id);          /* a place, or ROSTER_NONE */

/* Puts it in the place of the one with its id, or in a free one: its place. What was at it may be gone then. */
uint32_t roster_put(struct roster *, const struct check *);
void roster_remove(struct roster *, uint32_t place);
/* At the begin of what is put together, see kept_forget. */
void roster_begin(struct roster *, uint64_t revision);
/* Whether the check at the place says the same in all. Originals of monitors are known from call to call, too:
 * roster_compare comes first. */
void roster_compare(struct roster *);
bool roster_has(struct roster *, uint32_t place, const struct check *);

/* What this prober is told. */
struct plan_digest roster_digest(const struct roster *, const char *prober);
/* All of it; it refers to the roster. The caller frees it. */
struct plan *roster_plan(const struct roster *, const char *prober);
/* The difference from the plan of this digest, likewise; NULL: it is not remembered. */
struct plan *roster_since(const struct roster *, const char *prober, struct plan_digest);

#endif
