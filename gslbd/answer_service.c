/* The answer of a service: where is the client, what does its route pick, and its records. */
#include <string.h>
#include "gslbd/answer_private.h"

void locate(struct asking *a)
{
        if (a->located)
                return;
        client_locate(a->context->snapshot->locator, &a->client);
        a->located = true;
}

/* The widest scope for which all that was picked on the way is true: the longest. */
void widen_scope(struct reply *r, uint8_t scope)
{
        if (scope > r->scope)
                r->scope = scope;
}

enum step answer_service(struct asking *a, const struct node *n, uint16_t type)
{
        struct reply *r = a->reply;
        struct pick pick;

        locate(a);
        route_pick(n->route, type, &a->client, a->context->picker, &pick);
        widen_scope(r, pick.scope);
        r->ede = pick.ede;
        r->ede_text = pick.ede_text;
        if (pick.rcode) {
                r->rcode = pick.rcode;
                return STEP_DONE;
        }
        if (!pick.count)
                return STEP_DONE;
        counter_add(a->context->counters, COUNTER_REPLIES_SERVICE, 1);
        if (pick.targets[0]->type == TYPE_CNAME) {
                const struct target *t = pick.targets[0];
                if (n->flags & NODE_APEX) /* RFC 1034 3.6.2: no CNAME beside SOA and NS */
                        return STEP_DONE;
                size_t at = reply_record(r, SECTION_ANSWER, a->owner, TYPE_CNAME, CLASS_IN, n->route_ttl, t->rdata,
                                         t->rdata_length);
                if (!at || type == TYPE_CNAME)
                        return STEP_DONE;
                follow(a, t->rdata, at);
                return STEP_FOLLOW;
        }
        for (unsigned i = 0; i < pick.count; i++) {
                const struct target *t = pick.targets[i];
                reply_record(r, SECTION_ANSWER, a->owner, t->type, CLASS_IN, n->route_ttl, t->rdata, t->rdata_length);
        }
        return STEP_DONE;
}
