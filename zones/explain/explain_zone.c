/* What a zone says of a name: delegations, aliases, records, or that there is nothing. Goes the way that answer() goes
 * (gslbd/answer/), step by step. */
#include <assert.h>
#include <string.h>
#include "zones/dns/numbers.h"
#include "zones/dns/rdata.h"
#include "zones/explain/explain_private.h"

#define RR_FIXED 10 /* TYPE, CLASS, TTL, RDLENGTH */

/* A rendered record's RDATA with its names whole again. Returns its length. */
static unsigned rdata_whole(const struct rr *rr, const struct node *apex, uint8_t out[RDATA_MAX])
{
        unsigned n = 0;

        for (unsigned at = RR_FIXED; at < rr->length;) {
                bool pointer = false;
                for (unsigned i = 0; i < RR_POINTERS_MAX; i++)
                        pointer |= rr->pointers[i] == at;
                unsigned length = pointer ? apex->name_length : 1;
                assert(n + length <= RDATA_MAX); /* it was no longer before it was rendered */
                memcpy(out + n, pointer ? apex->name : rr->wire + at, length);
                n += length;
                at += pointer ? 2 : 1;
        }
        return n;
}

static const char *rr_text(struct telling *t, const struct rr *rr, uint16_t type, const struct node *apex)
{
        uint8_t rdata[RDATA_MAX];
        unsigned length = rdata_whole(rr, apex, rdata);

        if (type == TYPE_CNAME || type == TYPE_NS)
                return wire_text(t, rdata);
        return rdata_format(type, rdata, length, t->arena);
}

static void tell_set(struct telling *t, const struct rrset *set, const struct node *apex)
{
        for (unsigned i = 0; i < set->count; i++)
                telling_answer(t, rr_text(t, &set->rrs[i], set->type, apex), set->ttl);
}

static void tell_referral(struct telling *t, const struct zone_data *zone, const struct node *cut)
{
        const struct rrset *ns = node_rrset(cut, TYPE_NS);
        const char *name = wire_text(t, cut->name), *servers = "";

        if (t->links) {
                story_end(t, arena_printf(t->arena, "%s is delegated: the resolver asks its name servers", name));
                return;
        }
        assert(ns); /* it is what makes a cut */
        for (unsigned i = 0; i < ns->count; i++)
                servers = arena_printf(t->arena, "%s%s%s", servers, i ? ", " : "",
                                       rr_text(t, &ns->rrs[i], TYPE_NS, zone->apex));
        doc_add_string(t->arena, t->out, "referral", name);
        story_end(t, arena_printf(t->arena, "a referral: %s is delegated to %s", name, servers));
}

static enum told tell_alias(struct telling *t, const struct zone_data *zone, const struct rrset *set)
{
        uint8_t target[RDATA_MAX];

        rdata_whole(&set->rrs[0], zone->apex, target);
        tell_set(t, set, zone->apex);
        story_add(t, "%s is an alias (CNAME) of %s.", wire_text(t, t->name), wire_text(t, target));
        if (t->type == TYPE_CNAME) {
                story_end(t, "static records of the zone, the same for every client");
                return TOLD_ALL;
        }
        return telling_follow(t, target);
}

static enum told tell_dname(struct telling *t, const struct zone_data *zone, const struct node *dname)
{
        const struct rrset *set = node_rrset(dname, TYPE_DNAME);
        uint8_t target[NAME_WIRE_MAX + RDATA_MAX];
        unsigned front = name_length(t->name) - dname->name_length;

        assert(set); /* it is what makes the node one */
        if (t->links) {
                story_end(t, arena_printf(t->arena, "below the DNAME of %s: the resolver asks again",
                                          wire_text(t, dname->name)));
                return TOLD_ALL;
        }
        memcpy(target, t->name, front);
        unsigned length = front + rdata_whole(&set->rrs[0], zone->apex, target + front);
        tell_set(t, set, zone->apex);
        if (length > NAME_WIRE_MAX) {
                t->rcode = "YXDOMAIN";
                story_end(t, arena_printf(t->arena, "below the DNAME of %s the name becomes too long (YXDOMAIN)",
                                          wire_text(t, dname->name)));
                return TOLD_ALL;
        }
        telling_answer(t, wire_text(t, target), set->ttl);
        story_add(t, "By the DNAME of %s it is an alias of %s.", wire_text(t, dname->name), wire_text(t, target));
        return t->type == TYPE_CNAME ? TOLD_ALL : telling_follow(t, target);
}

static enum told tell_node(struct telling *t, const struct zone_data *zone, const struct node *n)
{
        bool chosen = n->route && (t->type == TYPE_A || t->type == TYPE_AAAA || t->type == TYPE_CNAME);
        const struct rrset *set = node_rrset(n, TYPE_CNAME);

        if (chosen || node_bindings(n, t->type)) {
                enum told told = tell_service(t, n);
                if (told != TOLD_NOTHING)
                        return told;
        }
        if (set)
                return tell_alias(t, zone, set);
        set = node_rrset(n, t->type);
        if (set) {
                tell_set(t, set, zone->apex);
                story_end(t, "static records of the zone, the same for every client");
        } else if (n->service != MODEL_NONE && !n->route) {
                story_end(t, "the service is disabled: the name exists without addresses (NODATA)");
        } else if (!chosen) {
                story_end(t, "the name exists without records of this type (NODATA)");
        }
        return TOLD_ALL;
}

enum told tell_name(struct telling *t, const struct zone_data *zone, const struct lookup *l)
{
        bool at_cut = l->exact && l->exact == l->cut;

        if (l->cut && !(at_cut && t->type == TYPE_DS)) {
                tell_referral(t, zone, l->cut);
                return TOLD_ALL;
        }
        if (l->exact)
                return tell_node(t, zone, l->exact);
        if (l->dname)
                return tell_dname(t, zone, l->dname);
        if (l->wildcard) {
                story_add(t, "%s is covered by the wildcard %s.", wire_text(t, t->name),
                          wire_text(t, l->wildcard->name));
                return tell_node(t, zone, l->wildcard);
        }
        t->rcode = "NXDOMAIN";
        story_end(t, t->links ? arena_printf(t->arena, "%s does not exist (NXDOMAIN)", wire_text(t, t->name))
                              : "the name does not exist (NXDOMAIN)");
        return TOLD_ALL;
}

void tell_parent_ds(struct telling *t, const struct zone_data *child)
{
        story_add(t, "DS of %s belongs to the zone above it, %s.", wire_text(t, t->name),
                  wire_text(t, child->parent->apex->name));
        if (child->parent_ds)
                tell_set(t, child->parent_ds, child->parent->apex);
        story_end(t, child->parent_ds ? "static records of the zone above, the same for every client"
                                      : "the zone above has no DS for it (NODATA)");
}
