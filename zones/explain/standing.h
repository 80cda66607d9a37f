/* zones/explain/standing.h: how services stand: whether their clients get what they would on an ordinary day, and if
 * not, whom they get and why. Asked of the choices in force. Pure; control thread. */
#ifndef ZONES_EXPLAIN_STANDING_H
#define ZONES_EXPLAIN_STANDING_H

#include "base/arena.h"
#include "base/documents/doc.h"
#include "base/named.h"
#include "zones/steering/steering.h"

/* What is worse comes later. */
#define STANDS(X)                                                                                                      \
        X(STAND_WELL, "well")                                                                                          \
        X(STAND_LITTLE, "little")       /* who serves has fewer than half of its endpoints up */                       \
        X(STAND_ELSEWHERE, "elsewhere") /* some clients are served by others than their first pool */                  \
        X(STAND_WAITING, "waiting")     /* the first checks are not done: nobody is answered */                        \
        X(STAND_NOTHING, "nothing")     /* some clients have nothing that is up; when_all_down says what they get */
enum stand { STANDS(NAMED_VALUE) STAND_COUNT };
extern const char *const stand_names[];

/* Of a service that is enabled. *looks: how many pools were looked at are added. */
enum stand service_stand(const struct steering *, uint32_t service, uint32_t *looks);
/* How many endpoints of a pool are up, and enabled. */
void pool_stand(const struct steering *, uint32_t pool, uint32_t *up, uint32_t *endpoints);
/* {name, state, up, endpoints, clients: [{type, regions, served_by, instead_of, why}]}: what is another than on an
 * ordinary day, by those whom it concerns; `all`: of all clients. regions null: everyone. */
struct doc *service_stand_tell(const struct steering *, uint32_t service, bool all, struct arena *);

#endif
