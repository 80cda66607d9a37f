/* zones/explain/explain.h: the story of one answer: where the client is and why, the order of regions, each pool
 * considered and why it was or was not used, each endpoint's state and weight, and the pick. Control thread; uses the
 * same tables as the workers, so it cannot tell another story. */
#ifndef ZONES_EXPLAIN_EXPLAIN_H
#define ZONES_EXPLAIN_EXPLAIN_H

#include "base/address.h"
#include "base/arena.h"
#include "base/documents/doc.h"
#include "base/documents/problems.h"
#include "zones/answers/snapshot.h"
#include "zones/explain/question.h"
#include "zones/steering/steering.h"

struct geo;

/* What is in force, now. */
struct explain_question explain_now(const char *name, const char *type, const struct prefix *client, uint64_t revision);

/* Whether it can be asked, whatever there is. */
bool explain_is_question(const struct explain_question *, struct problems *);

/* {name, type, client, service, located: {by, network, country, ..., region}, order: [...], pools: [{name, region,
 * used, reason, endpoints: [{name, address, health, drained, weight, effective_weight, share}]}], result, referral,
 * followed: [{name, ...}], answer: [...], rcode, ttl, scope}: what the server answers, with delegations, wildcards and
 * aliases. NULL with problems when the name is none of ours. */
struct doc *explain_answer(const struct snapshot *, const struct geo *, const struct explain_question *, struct arena *,
                           struct problems *);

#endif
