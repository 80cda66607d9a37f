/* The algorithm of RFC 1034 4.3.2 over the names of our zones, with DNAME (RFC 6672) and wildcards (RFC 4592). */
#include "gslbd/answer/answer_zone.h"

#include <assert.h>
#include <string.h>
#include "gslbd/answer/answer_bindings.h"
#include "gslbd/answer/answer_service.h"

/* The name in a rendered record's RDATA at `at`, uncompressed and in lower case; returns its length. */
static unsigned rendered_name(const struct rr *rr, unsigned at, const struct zone_data *zone,
                              uint8_t out[NAME_WIRE_MAX])
{
        const uint8_t *p = rr->wire + at;
        unsigned n = 0;

        while (*p && *p < COMPRESSED >> 8) {
                memcpy(out + n, p, 1u + *p);
                n += 1u + *p;
                p += 1 + *p;
        }
        if (*p) {
                memcpy(out + n, zone->name, zone->name_length);
                n += zone->name_length;
        } else {
                out[n++] = 0;
        }
        name_lower(out);
        return n;
}

/* Where an ancestor of the name in question begins in the question. */
static uint16_t pointer_to_ancestor(const struct asking *a, const struct node *n)
{
        return pointer_to(HEADER_SIZE + a->query->name_length - n->name_length);
}

/* The SOA goes along with "no such name" and "no such data" (RFC 2308 2). */
static void negative(struct asking *a, const struct zone_data *zone)
{
        reply_rr(a->reply, SECTION_AUTHORITY, pointer_to(a->reply->apex), &zone->soa_negative);
}

static enum step answer_cname(struct asking *a, const struct zone_data *zone, const struct node *n,
                              const struct rrset *set)
{
        size_t at = reply_rr(a->reply, SECTION_ANSWER, a->owner, &set->rrs[0]);

        if (!at || a->query->type == TYPE_CNAME || a->query->type == TYPE_ANY)
                return STEP_DONE;
        uint8_t target[NAME_WIRE_MAX];
        rendered_name(&set->rrs[0], RR_FIXED - 2, zone, target);
        return asking_follow(a, n, target, at);
}

/* RFC 8482 4.2: a small answer to ANY. */
static void answer_any(struct asking *a)
{
        static const uint8_t rdata[] = "\007RFC8482";

        reply_record(a->reply, SECTION_ANSWER, a->owner, TYPE_HINFO, CLASS_IN, 3600, rdata, 9);
}

/* A name that exists, or the wildcard that stands for it. */
static enum step answer_node(struct asking *a, const struct zone_data *zone, const struct node *n)
{
        uint16_t type = a->query->type;
        const struct route *route = node_route(n);
        bool chosen = route && (type == TYPE_A || type == TYPE_AAAA || type == TYPE_CNAME);
        uint16_t before = a->reply->counts[SECTION_ANSWER];
        const struct rrset *set = node_rrset(n, TYPE_CNAME);

        if (type == TYPE_ANY && (route || n->rrset_count)) {
                answer_any(a);
                return STEP_DONE;
        }
        const struct bindings *bindings = node_bindings(n, type);
        if (bindings) {
                answer_bindings(a, n, bindings, type);
                return STEP_DONE;
        }
        if (chosen) {
                if (answer_service(a, n, type) == STEP_FOLLOW)
                        return STEP_FOLLOW;
                if (a->reply->rcode || a->reply->truncated || a->reply->counts[SECTION_ANSWER] > before)
                        return STEP_DONE;
        }
        if (set)
                return answer_cname(a, zone, n, set);
        set = zone_rrset(zone, n, type);
        if (set)
                reply_rrset(a->reply, SECTION_ANSWER, a->owner, set);
        else if (a->reply->counts[SECTION_ANSWER] == before)
                negative(a, zone);
        return STEP_DONE;
}

/* --- delegations --- */

/* The addresses of a name server whose name stands at `name_at` of the reply: point there, as far as pointers reach.
 * RFC 9471: those that cannot be found otherwise must come along, others may. */
static void add_glue(struct asking *a, const struct zone_data *zone, const struct node *cut, const struct rr *ns,
                     size_t name_at)
{
        static const uint16_t types[] = {TYPE_A, TYPE_AAAA};
        uint8_t name[NAME_WIRE_MAX];
        struct lookup found;
        struct reply *r = a->reply;
        unsigned length = rendered_name(ns, RR_FIXED - 2, zone, name);
        bool near = name_at < COMPRESSED_REACH, needed = name_within(name, cut->name);

        snapshot_lookup(a->context->snapshot, name, length, &found);
        if (!found.exact || found.zone != zone)
                return;
        for (int i = 0; i < 2; i++) {
                const struct rrset *set = node_rrset(found.exact, types[i]);
                if (!set || (!needed && !reply_fits(r, set->size + (size_t)(near ? 2 : length) * set->count)))
                        continue;
                if (near)
                        reply_rrset(r, SECTION_ADDITIONAL, pointer_to(name_at), set);
                else
                        reply_rrset_named(r, SECTION_ADDITIONAL, name, set);
        }
}

/* RFC 1034 4.3.2 3b: NS in the authority section, with the addresses that cannot be found otherwise. */
static void referral(struct asking *a, const struct zone_data *zone, const struct node *cut)
{
        const struct rrset *ns = node_rrset(cut, TYPE_NS), *ds = node_rrset(cut, TYPE_DS);
        uint16_t owner = pointer_to_ancestor(a, cut);
        size_t at = a->reply->at;

        if (a->reply->counts[SECTION_ANSWER]) /* reached by a chain: the resolver asks again by itself */
                return;
        a->reply->flags &= (uint16_t)~FLAG_AA;
        if (!reply_rrset(a->reply, SECTION_AUTHORITY, owner, ns))
                return;
        if (ds && a->query->dnssec_ok)
                reply_rrset(a->reply, SECTION_AUTHORITY, owner, ds);
        for (unsigned i = 0; i < ns->count && !a->reply->truncated; i++) {
                add_glue(a, zone, cut, &ns->rrs[i], at + RR_FIXED);
                at += 2u + ns->rrs[i].length;
        }
}

/* --- DNAME (RFC 6672 3.2) --- */

static enum step answer_dname(struct asking *a, const struct zone_data *zone, const struct node *dname)
{
        const struct rrset *set = node_rrset(dname, TYPE_DNAME);
        const struct rr *rr = &set->rrs[0];
        uint8_t target[NAME_WIRE_MAX * 2];
        unsigned front = a->name_length - dname->name_length;
        uint16_t owner = a->owner == POINTER_TO_QUESTION ? pointer_to_ancestor(a, dname) : 0;

        if (!owner) /* inside a chain: the resolver asks again by itself */
                return STEP_DONE;
        if (!reply_rrset(a->reply, SECTION_ANSWER, owner, set))
                return STEP_DONE;
        memcpy(target, a->name, front);
        unsigned length = front + rendered_name(rr, RR_FIXED - 2, zone, target + front);
        if (length > NAME_WIRE_MAX) {
                a->reply->rcode = RCODE_YXDOMAIN;
                return STEP_DONE;
        }
        size_t at = reply_record(a->reply, SECTION_ANSWER, a->owner, TYPE_CNAME, CLASS_IN, set->ttl, target,
                                 (uint16_t)length);
        if (!at || a->query->type == TYPE_CNAME)
                return STEP_DONE;
        return asking_follow(a, dname, target, at);
}

/* --- one name --- */

static enum step answer_name(struct asking *a, const struct lookup *l)
{
        bool at_cut = l->exact && l->exact == l->cut;

        if (l->cut && !(at_cut && a->query->type == TYPE_DS)) {
                referral(a, l->zone, l->cut);
                return STEP_DONE;
        }
        if (l->exact)
                return answer_node(a, l->zone, l->exact);
        if (l->dname)
                return answer_dname(a, l->zone, l->dname);
        if (l->wildcard)
                return answer_node(a, l->zone, l->wildcard);
        a->reply->rcode = RCODE_NXDOMAIN; /* RFC 2308 2.1: of the last name of a chain */
        negative(a, l->zone);
        return STEP_DONE;
}

/* The zone that answers, and where its name begins in the question. */
static void answer_from(struct asking *a, const struct zone_data *zone)
{
        assert(a->query->name_length >= zone->name_length);
        a->reply->zone = zone;
        a->reply->apex = (uint16_t)(HEADER_SIZE + a->query->name_length - zone->name_length);
        a->reply->flags |= FLAG_AA;
}

/* DS at the apex of a zone belongs to the zone above, when that is ours as well (RFC 4035 3.1.4.1). */
static bool answer_parent_ds(struct asking *a, const struct lookup *l)
{
        const struct rrset *ds;

        if (a->query->type != TYPE_DS || !l->exact || !(l->exact->flags & NODE_APEX))
                return false;
        const struct zone_data *parent = snapshot_parent(a->context->snapshot, l->zone, &ds);
        if (!parent)
                return false;
        answer_from(a, parent);
        if (ds)
                reply_rrset(a->reply, SECTION_ANSWER, a->owner, ds);
        else
                negative(a, parent);
        return true;
}

void answer_zones(struct asking *a)
{
        struct lookup found;

        snapshot_lookup(a->context->snapshot, a->name, a->name_length, &found);
        const struct zone_data *zone = found.zone;
        if (!zone) {
                a->reply->rcode = RCODE_REFUSED;
                a->reply->ede = EDE_NOT_AUTHORITATIVE + 1;
                return;
        }
        answer_from(a, zone);
        a->reply->of = found.cut ? found.cut : found.exact ? found.exact : found.dname ? found.dname : found.wildcard;
        if (answer_parent_ds(a, &found))
                return;
        while (answer_name(a, &found) == STEP_FOLLOW) {
                snapshot_lookup(a->context->snapshot, a->name, a->name_length, &found);
                if (found.zone != zone) /* out of this zone: the resolver asks again by itself */
                        return;
                if (asking_visited(a, found.exact ? found.exact : found.wildcard))
                        return;
        }
}
