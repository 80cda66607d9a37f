/* admin/api/permit.h: what a caller may do with the token that it has. Control thread. */
#ifndef ADMIN_API_PERMIT_H
#define ADMIN_API_PERMIT_H

#include "admin/http/http.h"
#include "zones/store/store.h"

/* Whether the caller's role may do what needs this one. false: 403 was sent. */
bool permit_role(struct call *, enum role needs);
/* Whether a token of role admin without an end is left after these changes. false: 409 was sent. */
bool permit_tokens(struct call *, const struct change *, size_t count);

#endif
