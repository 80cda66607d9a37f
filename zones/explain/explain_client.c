/* Where a client is, and which rule says so. */
#include <string.h>
#include "geo/mmdb.h"
#include "zones/explain/explain_private.h"

/* The longest operator network around the client, or -1. */
static int network_of(const struct model *m, const struct address *client)
{
        int best = -1;

        for (uint32_t i = 0; i < m->count[KIND_NETWORKS]; i++)
                if (prefix_contains(&m->networks[i]->cidr, client) &&
                    (best < 0 || m->networks[i]->cidr.length > m->networks[best]->cidr.length))
                        best = (int)i;
        return best;
}

/* The most exact match of a region that holds, or NULL. */
static const struct match *match_of(const struct region *r, const struct geo_facts *facts)
{
        const struct match *matches = r->match.items, *best = NULL;

        for (uint32_t i = 0; i < r->match.count; i++)
                if (match_holds(&matches[i], facts) && (!best || matches[i].kind > best->kind))
                        best = &matches[i];
        return best;
}

const char *match_text(struct arena *a, const struct match *m)
{
        return m->kind == MATCH_ASN ? arena_printf(a, "asn:%u", m->asn)
                                    : arena_printf(a, "%s:%s", match_kind_names[m->kind], m->value);
}

static void add_facts(struct telling *t, struct doc *d, const struct geo_facts *f)
{
        if (f->continent[0])
                doc_add_string(t->arena, d, "continent", f->continent);
        if (f->country[0])
                doc_add_string(t->arena, d, "country", f->country);
        if (f->subdivision[0])
                doc_add_string(t->arena, d, "subdivision", f->subdivision);
        if (f->asn)
                doc_add_int(t->arena, d, "asn", f->asn);
        if (f->has_location) {
                struct doc *list = doc_add_list(t->arena, d, "location");
                doc_add(list, NULL, doc_real(t->arena, (double)f->latitude));
                doc_add(list, NULL, doc_real(t->arena, (double)f->longitude));
        }
}

static void tell_region(struct telling *t, struct doc *d, const char *client, bool covered,
                        const struct geo_facts *facts)
{
        const struct region *r = t->model->regions[t->class->region];
        const struct match *match = covered ? match_of(r, facts) : NULL;
        int network = network_of(t->model, &t->client.prefix.address);
        char text[PREFIX_TEXT_MAX];

        doc_add_string(t->arena, d, "by", network >= 0 ? "network" : match ? "geoip" : "default");
        if (network >= 0) {
                prefix_format(&t->model->networks[network]->cidr, text);
                doc_add_string(t->arena, d, "network", text);
                story_add(t, "Client %s is in the operator's network %s, so it belongs to region %s.", client, text,
                          r->name);
        } else if (match) {
                doc_add_string(t->arena, d, "match", match_text(t->arena, match));
                story_add(t, "Client %s is in %s by GeoIP, so it belongs to region %s.", client,
                          match_text(t->arena, match), r->name);
        } else {
                story_add(t, "Client %s matches no network and no region%s, so it belongs to the default region %s.",
                          client, covered ? "" : " (no GeoIP database covers it)", r->name);
        }
        doc_add_string(t->arena, d, "region", r->name);
}

void tell_location(struct telling *t)
{
        struct geo_facts facts = {0};
        uint8_t length;
        bool covered = t->geo && geo_lookup(t->geo, &t->client.prefix.address, &facts, &length);
        char client[PREFIX_TEXT_MAX];

        if (t->located)
                return;
        struct doc *d = doc_add_map(t->arena, t->out, "located");
        t->located = d;
        prefix_format(&t->client.prefix, client);
        if (t->class->region != MODEL_NONE)
                tell_region(t, d, client, covered, &facts);
        else
                doc_add_string(t->arena, d, "by", "default");
        if (covered)
                add_facts(t, d, &facts);
        doc_add_int(t->arena, d, "scope", t->client.scope);
}
