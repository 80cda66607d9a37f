#include "zones/views.h"

#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "base/memory.h"

static bool match_holds(const struct match *m, const struct geo_facts *f)
{
        switch (m->kind) {
        case MATCH_CONTINENT:
                return !strcmp(m->value, f->continent);
        case MATCH_COUNTRY:
                return !strcmp(m->value, f->country);
        case MATCH_SUBDIVISION:
                return !strcmp(m->value, f->subdivision);
        case MATCH_ASN:
                break;
        }
        return m->asn == f->asn;
}

struct located views_locate(const struct model *model, const struct geo_facts *facts, int network)
{
        struct located best = {.region = model->default_region};

        if (network >= 0)
                return (struct located){.region = model->networks[network].region, .by_network = true};
        if (!facts)
                return best;
        for (uint32_t r = 0; r < model->count[KIND_REGIONS]; r++) {
                const struct match *matches = model->regions[r].match.items;
                for (uint32_t i = 0; i < model->regions[r].match.count; i++)
                        /* The kinds stand in the order of how specific they are. */
                        if ((!best.match || matches[i].kind > best.match->kind) && match_holds(&matches[i], facts))
                                best = (struct located){.region = r, .match = &matches[i]};
        }
        return best;
}

static uint32_t classify(void *context, const struct geo_facts *facts, int network)
{
        uint32_t region = views_locate(context, facts, network).region;
        return region == MODEL_NONE ? 0 : region;
}

struct locator *views_locator(const struct model *model, const struct geo *geo, char *error, size_t error_size)
{
        uint32_t count = model->count[KIND_NETWORKS];
        struct prefix *networks = memory_alloc((count + 1) * sizeof(*networks));

        for (uint32_t i = 0; i < count; i++)
                networks[i] = model->networks[i].cidr;
        struct locator *l = locator_build(geo, networks, count, classify, (void *)model, error, error_size);
        free(networks);
        return l;
}

uint64_t views_hash(const struct model *model, const struct geo *geo)
{
        uint64_t h = hash_mix((uint64_t)(uintptr_t)geo + model->default_region);

        for (uint32_t r = 0; r < model->count[KIND_REGIONS]; r++) {
                const struct region *region = &model->regions[r];
                h = hash_bytes(region->match.items, region->match.count * sizeof(struct match), h + r + 1);
        }
        for (uint32_t i = 0; i < model->count[KIND_NETWORKS]; i++) {
                const struct network *n = &model->networks[i];
                h = hash_bytes(&n->cidr, sizeof(n->cidr), h + n->region);
        }
        return h;
}
