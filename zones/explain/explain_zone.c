/* What a zone says of a name: delegations, aliases, records, or that there is nothing. Goes the way that answer() goes
 * (gslbd/answer/), step by step. */
#include <assert.h>
#include <string.h>
#include "zones/dns/numbers.h"
#include "zones/dns/rdata.h"
#include "zones/answers/render.h"
#include "zones/explain/explain_private.h"

static const char *rr_text(struct telling *t, const struct rr *rr, uint16_t type, const struct zone_data *zone)
{
        uint8_t rdata[RDATA_MAX];
        unsigned length = render_whole(rr, zone, rdata);

        if (type == TYPE_CNAME || type == TYPE_NS)
                return wire_text(t, rdata);
        return rdata_format(type, rdata, length, t->arena);
}

static void tell_set(struct telling *t, const struct rrset *set, const struct zone_data *zone)
{
        for (unsigned i = 0; i < set->count; i++)
                telling_answer(t, rr_text(t, &set->rrs[i], set->type, zone), set->ttl);
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
                                       rr_text(t, &ns->rrs[i], TYPE_NS, zone));
        doc_add_string(t->arena, t->out, "referral", name);
        story_end(t, arena_printf(t->arena, "a referral: %s is delegated to %s", name, servers));
}

static enum told tell_alias(struct telling *t, const struct zone_data *zone, const struct rrset *set)
{
        uint8_t target[RDATA_MAX];

        render_whole(&set->rrs[0], zone, target);
        tell_set(t, set, zone);
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
        unsigned length = front + render_whole(&set->rrs[0], zone, target + front);
        tell_set(t, set, zone);
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
        bool chosen = node_route(n) && (t->type == TYPE_A || t->type == TYPE_AAAA || t->type == TYPE_CNAME);
        const struct rrset *set = node_rrset(n, TYPE_CNAME);

        if (chosen || node_bindings(n, t->type)) {
                enum told told = tell_service(t, n);
                if (told != TOLD_NOTHING)
                        return told;
        }
        if (set)
                return tell_alias(t, zone, set);
        set = zone_rrset(zone, n, t->type);
        if (set) {
                tell_set(t, set, zone);
                story_end(t, "static records of the zone, the same for every client");
        } else if (node_service(n) && !node_route(n)) {
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

void tell_parent_ds(struct telling *t, const struct zone_data *parent, const struct rrset *ds)
{
        story_add(t, "DS of %s belongs to the zone above it, %s.", wire_text(t, t->name), wire_text(t, parent->name));
        if (ds)
                tell_set(t, ds, parent);
        story_end(t, ds ? "static records of the zone above, the same for every client"
                        : "the zone above has no DS for it (NODATA)");
}
