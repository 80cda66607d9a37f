/* tests/unit/world.h: a configuration as people write it, made into a snapshot in the way that gslbd does it: document,
 * store, model, snapshot. A failure on the way fails the test. */
#ifndef TESTS_UNIT_WORLD_H
#define TESTS_UNIT_WORLD_H

#include <check.h>
#include "zones/answers/snapshot.h"
#include "zones/dns/numbers.h"
#include "zones/steering/steering.h"

struct world {
        struct snapshot *snapshot;
        struct endpoint_state *states; /* by endpoint number; change them, then world_update */
        struct picker_state picker;
};

/* `previous` may be NULL. */
struct world *world_new(const char *yaml, const struct world *previous);
/* One service, WORLD_SERVICE, over one pool "p" with these options and endpoints (YAML), beside regions eu (the
 * default) and us. */
#define WORLD_SERVICE "www.g.example"
#define WORLD_HEAD                                                                                                     \
        "regions: [{name: eu, default: true}, {name: us}]\n"                                                           \
        "zones: [{name: g.example, ns: [ns1.example.net]}]\n"
#define WORLD_FOUR                                                                                                     \
        "{name: a, address: 192.0.2.1, weight: 10}, {name: b, address: 192.0.2.2, weight: 20},"                        \
        "{name: c, address: 192.0.2.3, weight: 30}, {name: d, address: 192.0.2.4, weight: 40}"
struct world *world_of_pool(const char *options, const char *endpoints);
/* The model alone; NULL and the problems as text (free it) when it is refused. */
struct model *world_model(const char *yaml, const struct model *previous, char **problems);
void world_free(struct world *);
size_t world_update(struct world *);
uint32_t world_endpoint(const struct world *, const char *id); /* "pool/endpoint" */
uint32_t world_pool(const struct world *, const char *name);
void world_health(struct world *, const char *id, enum health); /* and updates */
void world_drain(struct world *, const char *id, bool drained); /* and updates */
const struct node *world_node(const struct world *, const char *name);
/* What a client ("10.1.0.1", "10.1.0.0/24") gets. */
struct pick world_pick(struct world *, const char *service, uint16_t type, const char *client);
/* The text form of the first answer, or "" for none. */
const char *world_answer(struct world *, const char *service, const char *client);
/* How often each endpoint comes first in `n` picks; into counts by endpoint number. */
void world_count(struct world *, const char *service, const char *client, unsigned n, unsigned *counts);
/* The chi-square statistic of counts against shares (those of 0 must have no count). */
double chi_square(const unsigned *counts, const double *shares, unsigned n);

/* Runs the suite of a program that publishes worlds, in this process: the thread that frees old ones does not survive a
 * fork. Returns the program's exit status. */
int world_run(Suite *);

#endif
