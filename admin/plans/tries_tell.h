/* admin/plans/tries_tell.h: who is to try a check, and how a try stands, for people. Control thread. */
#ifndef ADMIN_PLANS_TRIES_TELL_H
#define ADMIN_PLANS_TRIES_TELL_H

#include "admin/plans/tries.h"
#include "probes/health/health.h"
#include "zones/config/model.h"

/* Among whom. */
struct tries_scene {
        const struct health_table *health;
        const struct model *model;
        const char *local; /* the built-in prober's name; NULL: there is none */
};

/* Of a scene; see tries_tell. */
bool tries_does_check(void *scene, const char *prober, const char *id);
/* How long a try of this check may take with every prober. */
uint64_t tries_open_ms(const struct check *);
/* {id, number, monitor, type, since, until, passed, failed, waiting, probers: [{prober, answer, reason, detail,
 * took_ms, state, since, why}]}. `t` NULL: how it would begin. *waiting: how many may still answer. */
struct doc *try_describe(const struct tries_scene *, const char *id, const struct try *t, uint64_t now_ms,
                         uint32_t *waiting, struct arena *);

#endif
