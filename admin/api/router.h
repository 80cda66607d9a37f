/* admin/api/router.h: which call a path and method lead to, and who may make it. */
#ifndef ADMIN_API_ROUTER_H
#define ADMIN_API_ROUTER_H

#include "admin/http/http.h"

/* The API's thread. Finds the call, checks the token and the parameters. false: there is a reply. */
bool route_find(struct call *);
/* The most bytes of body that it takes, and what it may take to work on them. */
size_t route_body_limit(const struct call *);
size_t route_memory_limit(const struct call *);
/* Any thread, without a look at what is in force: reads the body, as the route wants it. There may be a reply then. */
void route_read(struct call *);
/* Control thread, as what follows. Whether the caller may still do it, and do it to what the path names. false: there
 * is a reply. */
bool route_admits(struct call *);
/* Whether it may run, as far as is known before: there is a reply when it may not. */
void route_look(struct call *);
/* That, and makes the call; every one gets exactly one reply. */
void route_run(struct call *);

#endif
