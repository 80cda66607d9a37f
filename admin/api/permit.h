/* admin/api/permit.h: what a caller may do with the token that it has. Control thread, but for the first two. */
#ifndef ADMIN_API_PERMIT_H
#define ADMIN_API_PERMIT_H

#include "admin/http/http.h"
#include "zones/store/store.h"

/* Whether the caller's role may do what needs this one. false: 403 was sent. */
bool permit_role(struct call *, enum role needs);
/* Whether the call is one for tokens with a scope at all. false: there is a reply (403). */
bool permit_scoped(struct call *);
/* Whether the call is in the scope of the caller's token, as far as the route and the path say it. false: 403 was sent.
 */
bool permit_call(struct call *);
/* Whether an item is: as it is stored, and its name. */
bool permit_sees(const struct call *, enum kind, const char *key, const struct doc *);
/* Whether a change is in scope. */
bool permit_change(struct call *, struct store_txn *before, const struct change *);
/* Whether all that these change is; `before` has what is there. false: 403 was sent, with what is not. */
bool permit_changes(struct call *, struct store_txn *before, const struct change *, size_t count);
/* Whether a token of role admin without an end is left after these changes. false: 409 was sent. */
bool permit_tokens(struct call *, const struct change *, size_t count);

#endif
