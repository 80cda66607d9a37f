/* admin/api/router.h: which call a path and method lead to, and who may make it. Control thread. */
#ifndef ADMIN_API_ROUTER_H
#define ADMIN_API_ROUTER_H

#include "admin/http/http.h"

/* Finds the call, checks the token and runs it; every request gets exactly one reply. */
void route_call(struct call *);

#endif
