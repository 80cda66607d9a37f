/* admin/api/router.h: which call a path and method lead to, and who may make it. Control thread. */
#ifndef ADMIN_API_ROUTER_H
#define ADMIN_API_ROUTER_H

#include "admin/http/http.h"

/* Finds the call, checks the token and the parameters. false: a reply was sent. */
bool route_find(struct call *);
/* The most bytes of body that it takes, and what it may take to work on them. */
size_t route_body_limit(const struct call *);
size_t route_memory_limit(const struct call *);
/* Makes the call; every one gets exactly one reply. */
void route_run(struct call *);

#endif
