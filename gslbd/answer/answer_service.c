/* The answer of a service: where is the client, what does its route pick, and its records. */
#include "gslbd/answer/answer_service.h"

/* ALIAS: the addresses of a host name in its place. RFC 1034 3.6.2: no CNAME beside SOA and NS. */
static void answer_flattened(struct asking *a, uint32_t route_ttl, const struct target *t, uint16_t type)
{
        const struct address_set *set = target_addresses(t);
        struct reply *r = a->reply;

        if (!set) {
                r->rcode = RCODE_SERVFAIL;
                r->ede = EDE_NO_REACHABLE_AUTHORITY + 1;
                r->ede_text = "the addresses of the host name are not known";
                return;
        }
        asking_tell_stale(a, set);
        uint32_t ttl = set->ttl < route_ttl ? set->ttl : route_ttl;
        for (unsigned i = 0; type == TYPE_A && i < set->v4_count; i++)
                reply_record(r, SECTION_ANSWER, a->owner, TYPE_A, CLASS_IN, ttl, set->v4[i], 4);
        for (unsigned i = 0; type == TYPE_AAAA && i < set->v6_count; i++)
                reply_record(r, SECTION_ANSWER, a->owner, TYPE_AAAA, CLASS_IN, ttl, set->v6[i], 16);
}

/* Tells the tap. RFC 1035 and the schema know no other types of endpoints. */
static inline void tell_tap(const struct asking *a, uint32_t service, uint16_t type, const struct pick *pick)
{
        struct tap *tap = a->context->tap;
        struct tapped what = {.service = service, .endpoint = TAP_NONE, .classes = a->context->snapshot->classes};

        if (!tap)
                return;
        what.class = (uint16_t)a->client.class;
        what.asked = type == TYPE_A ? TAP_A : type == TYPE_AAAA ? TAP_AAAA : TAP_CNAME;
        if (pick->count) {
                what.endpoint = pick->targets[0]->endpoint;
                what.outcome = pick->ede ? TAP_STAND_IN : TAP_SERVED;
        } else {
                what.outcome = pick->ede ? TAP_NOTHING : TAP_NO_TYPE;
        }
        tap_put(tap, &what, &a->client.prefix);
}

enum step answer_service(struct asking *a, const struct node *n, uint16_t type)
{
        const struct node_service *s = node_service(n);
        struct reply *r = a->reply;
        struct pick pick;

        asking_locate(a);
        route_pick(s->route, type, &a->client, a->context->picker, &pick);
        tell_tap(a, s->number, type, &pick);
        reply_widen_scope(r, pick.scope);
        r->ede = pick.ede;
        r->ede_text = pick.ede_text;
        if (pick.rcode) {
                r->rcode = pick.rcode;
                r->waiting = pick.waiting;
                return STEP_DONE;
        }
        if (!pick.count)
                return STEP_DONE;
        counter_add(a->context->counters, COUNTER_REPLIES_SERVICE, 1);
        if (pick.targets[0]->type == TYPE_CNAME) {
                const struct target *t = pick.targets[0];
                if (n->flags & NODE_FLATTEN) {
                        answer_flattened(a, s->ttl, t, type);
                        return STEP_DONE;
                }
                size_t at = reply_record(r, SECTION_ANSWER, a->owner, TYPE_CNAME, CLASS_IN, s->ttl, t->rdata,
                                         t->rdata_length);
                if (!at || type == TYPE_CNAME)
                        return STEP_DONE;
                return asking_follow(a, n, t->rdata, at);
        }
        for (unsigned i = 0; i < pick.count; i++) {
                const struct target *t = pick.targets[i];
                reply_record(r, SECTION_ANSWER, a->owner, t->type, CLASS_IN, s->ttl, t->rdata, t->rdata_length);
        }
        return STEP_DONE;
}
