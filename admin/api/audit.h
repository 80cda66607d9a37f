/* admin/api/audit.h: who was refused what, and who changed what: lines of the room `audit` in the log. Control thread.
 */
#ifndef ADMIN_API_AUDIT_H
#define ADMIN_API_AUDIT_H

#include "admin/http/http.h"

/* Once for each call that was answered. What callers with a token did is told without exception; strangers are bounded.
 */
void audit_call(const struct call *);

#endif
