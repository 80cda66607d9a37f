/* admin/http/running.h: a call runs, or goes on when what it waits for has come. */
#ifndef ADMIN_HTTP_RUNNING_H
#define ADMIN_HTTP_RUNNING_H

#include "admin/http/http.h"

/* Runs a part of a call; when memory ends on the way, the call is answered, and nothing else ends. */
void call_run(struct call *, void (*run)(struct call *));
/* A call that waits goes on: `finish` replies, and it ends. */
void call_finish(struct call *, void (*finish)(struct call *));

#endif
