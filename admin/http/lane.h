/* admin/http/lane.h: a thread for what is large: it reads bodies and writes replies that would keep the API's thread
 * from everybody else.
 *
 * One call at a time holds a lane, from its body to its reply: so long it has what was read of it in memory. Others
 * wait with their bytes, first come, first served. */
#ifndef ADMIN_HTTP_LANE_H
#define ADMIN_HTTP_LANE_H

#include <stdbool.h>
#include "admin/http/http.h"

struct lane;

/* NULL: there is no memory or descriptor for it, or no thread. */
struct lane *lane_open(const char *name);
/* The API's thread. Calls `read` on the lane's thread when it is the call's turn; until then the call is the lane's. */
void lane_enter(struct lane *, struct call *, void (*read)(struct letter *));
/* The same: a call that holds a lane has come to its end, another has its turn. */
void lane_leave(struct call *);
/* Does something on the lane's thread, whoever holds it. */
void lane_send(struct lane *, struct letter *, void (*open)(struct letter *));
/* Ends the thread behind what it does just now. */
void lane_end(struct lane *);
/* A call that is left in a lane that has ended; NULL: there is none. */
struct call *lane_take(struct lane *);
void lane_close(struct lane *); /* with nothing left in it; NULL is allowed */

#endif
