/* Maps of the plugin geoip: places and networks to lists of datacenters. Each list is the fallbacks of a region: that
 * of its first datacenter, or, where that has others already, one of its own without pools. What goes by a second map
 * is told by overrides of its services. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "admin/ctl/moving/gdnsd_private.h"
#include "admin/ctl/moving/vscf.h"
#include "base/address.h"

#define OVERRIDES_MAX 100
#define DEFAULT_NAME  "everywhere"

/* How much of the world a place is: the less, the sooner it counts. */
enum extent { NETWORK, SUBDIVISION, COUNTRY, CONTINENT, WORLD, EXTENTS };

struct place {
        enum extent extent;
        const char *match;     /* "country:DE", a network; NULL: the world */
        const struct doc *dcs; /* a list, or one */
        struct place *next;
};

/* A map under way. */
struct taking {
        struct gdnsd *g;
        struct gdnsd_map *map;
        struct place *places, **last;
        const struct doc *everywhere; /* datacenters where nothing else is said */
};

static struct arena *arena_of(const struct taking *t)
{
        return t->g->m->arena;
}

static void add_place(struct taking *t, enum extent extent, const char *match, const struct doc *dcs)
{
        struct place *p = arena_alloc(arena_of(t), sizeof(*p));

        *p = (struct place){.extent = extent, .match = match, .dcs = dcs};
        *t->last = p;
        t->last = &p->next;
}

/* --- regions --- */

static struct doc *region_for(struct gdnsd *g, const char *name)
{
        struct doc *region = moving_find(g->m, "regions", name);

        if (region)
                return region;
        region = doc_add_map(g->m->arena, moving_list(g->m, "regions"), NULL);
        doc_add_string(g->m->arena, region, "name", name);
        return region;
}

/* The names of a list behind the first `skip`. */
static struct doc *names_behind(struct gdnsd *g, const struct doc *dcs, unsigned skip)
{
        struct doc *list = doc_new(g->m->arena, DOC_LIST);
        unsigned i = 0;

        doc_each_or_one (one, dcs)
                if (one->type == DOC_STRING && i++ >= skip)
                        doc_add_string(g->m->arena, list, NULL, one->string);
        return list;
}

/* The region whose clients go by a list of datacenters. */
static struct doc *region_of_list(struct gdnsd *g, const struct doc *dcs)
{
        struct doc *tail = names_behind(g, dcs, 1), *all = names_behind(g, dcs, 0);
        struct doc *head = region_for(g, all->first->string), *fallback = doc_get(head, "fallback");

        if (!fallback) {
                doc_add(head, "fallback", tail);
                return head;
        }
        if (doc_equal(fallback, tail))
                return head;
        doc_each (one, g->lists)
                if (doc_equal(one, all))
                        return moving_find(g->m, "regions", one->key);
        const char *name = moving_name(g->m, "regions", arena_printf(g->m->arena, "%s-first", all->first->string));
        struct doc *own = region_for(g, name);
        doc_add(own, "fallback", all);
        doc_add(g->lists, name, doc_copy(g->m->arena, all));
        return own;
}

const char *gdnsd_default_region(struct gdnsd *g)
{
        struct doc *first = moving_list(g->m, "regions")->first;

        doc_each (one, moving_list(g->m, "regions"))
                if (doc_get(one, "default"))
                        return doc_get_string(one, "name");
        if (!first)
                first = region_for(g, DEFAULT_NAME);
        doc_add_bool(g->m->arena, first, "default", true);
        return doc_get_string(first, "name");
}

/* --- what a map says --- */

static bool is_code(const char *text, size_t least, size_t most)
{
        size_t n = strlen(text);

        if (n < least || n > most)
                return false;
        for (; *text; text++)
                if (!isupper((unsigned char)*text) && !isdigit((unsigned char)*text))
                        return false;
        return true;
}

/* One level of the hash `map`: continents, countries, then what lies in them. */
static void walk(struct taking *t, const struct doc *level, unsigned depth, const char *country)
{
        struct arena *a = arena_of(t);

        doc_each (one, level) {
                enum extent extent = depth == 0 ? CONTINENT : depth == 1 ? COUNTRY : SUBDIVISION;
                const char *match = depth == 0   ? arena_printf(a, "continent:%s", one->key)
                                    : depth == 1 ? arena_printf(a, "country:%s", one->key)
                                                 : arena_printf(a, "subdivision:%s-%s", country, one->key);
                if (!strcmp(one->key, "default"))
                        continue; /* see take_default */
                if (depth > 1 && !is_code(one->key, 1, 3)) {
                        moving_tell(t->g->m, MOVED_NONE, gdnsd_place(t->g, one), one->key,
                                    "no match: gslbd knows continents, countries and subdivisions, no cities");
                        continue;
                }
                const struct doc *own = one->type == DOC_MAP ? doc_get(one, "default") : one;
                if (own && own->type == DOC_STRING && !strcmp(own->string, "auto"))
                        own = NULL; /* as where nothing is said, when the map goes by distance */
                else if (own && own->type == DOC_LIST && !own->count) {
                        moving_tell(t->g->m, MOVED_NONE, gdnsd_place(t->g, one), one->key,
                                    "a place that gets no answer has no equal");
                        own = NULL;
                }
                if (own)
                        add_place(t, extent, match, own);
                if (one->type == DOC_MAP)
                        walk(t, one, depth + 1, depth == 1 ? one->key : country);
        }
}

static void take_nets(struct taking *t)
{
        const struct doc *nets = doc_get(t->map->map, "nets");
        struct prefix prefix;

        if (nets && nets->type == DOC_STRING) {
                const char *path = *nets->string == '/'
                                           ? nets->string
                                           : arena_printf(arena_of(t), "%s/geoip/%s", t->g->directory, nets->string);
                nets = vscf_read(path, arena_of(t), t->g->m->problems);
        }
        if (!nets || nets->type != DOC_MAP)
                return;
        doc_each (one, nets) {
                if (!prefix_parse(one->key, &prefix))
                        doc_problem(t->g->m->problems, one, NULL, "expected a network such as 10.0.0.0/8, got \"%s\"",
                                    one->key);
                else if (one->type == DOC_LIST && !one->count)
                        moving_tell(t->g->m, MOVED_NONE, gdnsd_place(t->g, one), one->key,
                                    "a network that gets no answer has no equal");
                else
                        add_place(t, NETWORK, one->key, one);
        }
}

static void take_coordinates(struct taking *t)
{
        const struct doc *all = doc_get(t->map->map, "auto_dc_coords");

        doc_each (one, all) {
                struct doc *region = region_for(t->g, one->key), *location = doc_new(arena_of(t), DOC_LIST);
                if (one->type != DOC_LIST || one->count != 2 || doc_get(region, "location"))
                        continue;
                doc_each_or_one (degrees, one)
                        doc_add_real(arena_of(t), location, NULL,
                                     degrees->type == DOC_STRING ? strtod(degrees->string, NULL) : 0);
                doc_add(region, "location", location);
        }
        moving_tell(t->g->m, MOVED_NEAR, gdnsd_place(t->g, all), "auto_dc_coords",
                    "steering: proximity over all regions with a location; auto_dc_limit has no equal");
}

/* --- what becomes of it --- */

static void put_into_regions(struct taking *t)
{
        struct arena *a = arena_of(t);
        struct doc *everywhere = region_of_list(t->g, t->everywhere);

        if (!doc_get(everywhere, "default"))
                doc_add_bool(a, everywhere, "default", true);
        for (const struct place *p = t->places; p; p = p->next) {
                struct doc *region = region_of_list(t->g, p->dcs), *match = doc_get(region, "match");
                if (p->extent == NETWORK) {
                        struct doc *network = doc_add_map(a, moving_list(t->g->m, "networks"), NULL);
                        doc_add_string(a, network, "cidr", p->match);
                        doc_add_string(a, network, "region", doc_get_string(region, "name"));
                        continue;
                }
                if (!match)
                        match = doc_add_list(a, region, "match");
                doc_add_string(a, match, NULL, p->match);
        }
}

/* What places of one extent with one list have in common. */
static struct doc *override_of(struct taking *t, struct doc *among, const struct doc *since, const struct place *p)
{
        const char *kind = p->extent == NETWORK ? "networks" : "match";
        struct doc *regions = names_behind(t->g, p->dcs, 0);

        for (struct doc *one = since ? since->next : among->first; one; one = one->next)
                if (doc_get(one, kind) && doc_equal(doc_get(one, "regions"), regions))
                        return one;
        struct doc *made = doc_add_map(arena_of(t), among, NULL);
        doc_add_list(arena_of(t), made, kind);
        doc_add(made, "regions", regions);
        return made;
}

static void put_into_overrides(struct taking *t)
{
        struct arena *a = arena_of(t);
        struct doc *out = doc_new(a, DOC_LIST);

        for (int extent = NETWORK; extent < WORLD; extent++) {
                const struct doc *since = out->last;
                for (const struct place *p = t->places; p; p = p->next)
                        if ((int)p->extent == extent)
                                doc_add_string(a,
                                               doc_get(override_of(t, out, since, p),
                                                       extent == NETWORK ? "networks" : "match"),
                                               NULL, p->match);
        }
        if (!t->map->automatic) {
                struct doc *rest = doc_add_map(a, out, NULL), *networks = doc_add_list(a, rest, "networks");
                doc_add_string(a, networks, NULL, "0.0.0.0/0");
                doc_add_string(a, networks, NULL, "::/0");
                doc_add(rest, "regions", names_behind(t->g, t->everywhere, 0));
        }
        if (out->count > OVERRIDES_MAX)
                moving_tell(t->g->m, MOVED_NONE, gdnsd_place(t->g, t->map->map), t->map->name,
                            "%u overrides, of which a service can have %d: leave places out by hand", out->count,
                            OVERRIDES_MAX);
        t->map->overrides = out->count ? out : NULL;
}

/* A list that leaves datacenters out is where the two differ. */
static void tell_short_lists(struct taking *t)
{
        const struct doc *all = doc_get(t->map->map, "datacenters");

        for (const struct place *p = t->places; p; p = p->next)
                if ((p->dcs->type == DOC_LIST ? p->dcs->count : 1) < (all->type == DOC_LIST ? all->count : 1)) {
                        moving_tell(t->g->m, MOVED_NEAR, gdnsd_place(t->g, p->dcs), p->match,
                                    "with all datacenters of this list down another one serves; gdnsd serves the first "
                                    "of the list. So with "
                                    "other lists that leave some out");
                        return;
                }
}

static void take_map(struct gdnsd *g, struct gdnsd_map *map, bool first)
{
        struct taking t = {.g = g, .map = map, .everywhere = doc_get(map->map, "datacenters")};
        t.last = &t.places;
        const struct doc *places = doc_get(map->map, "map"), *top = places ? doc_get(places, "default") : NULL;

        if (!t.everywhere) {
                doc_problem(g->m->problems, map->map, NULL, "expected datacenters");
                return;
        }
        doc_each_or_one (one, t.everywhere)
                if (one->type == DOC_STRING)
                        region_for(g, one->string);
        if (map->automatic)
                take_coordinates(&t);
        if (top && !(top->type == DOC_STRING && !strcmp(top->string, "auto"))) {
                t.everywhere = top;
                map->automatic = false;
        }
        if (places && places->type == DOC_MAP)
                walk(&t, places, 0, "");
        take_nets(&t);
        tell_short_lists(&t);
        if (first && !map->automatic)
                put_into_regions(&t);
        else
                put_into_overrides(&t);
        moving_tell(g->m, MOVED_SAME, gdnsd_place(g, map->map), map->name, "%s",
                    map->automatic   ? "regions with a location"
                    : map->overrides ? "overrides of its services"
                                     : "regions with match and fallback");
        if (doc_get(map->map, "geoip2_db"))
                moving_tell(g->m, MOVED_NEAR, gdnsd_place(g, doc_get(map->map, "geoip2_db")), "geoip2_db",
                            "to be set in gslbd.yaml, one for all maps: geo: {database: FILE}");
        if (gdnsd_true(doc_get(map->map, "ignore_ecs")))
                moving_tell(g->m, MOVED_NONE, gdnsd_place(g, map->map), "ignore_ecs",
                            "the client's subnet counts always");
}

void gdnsd_take_maps(struct gdnsd *g)
{
        const struct doc *plugins = doc_get(g->config, "plugins"), *geoip = plugins ? doc_get(plugins, "geoip") : NULL;
        const struct doc *maps = geoip ? doc_get(geoip, "maps") : NULL;
        bool first = true;

        if (!maps || maps->type != DOC_MAP)
                return;
        doc_each (one, maps) {
                struct gdnsd_map *map = arena_alloc(g->m->arena, sizeof(*map));
                *map = (struct gdnsd_map){.name = one->key,
                                          .map = one,
                                          .automatic = doc_get(one, "auto_dc_coords") != NULL,
                                          .next = g->maps};
                g->maps = map;
                take_map(g, map, first);
                first = first && map->automatic;
        }
        gdnsd_default_region(g);
}

const struct gdnsd_map *gdnsd_map_find(const struct gdnsd *g, const char *name)
{
        for (const struct gdnsd_map *map = g->maps; map; map = map->next)
                if (!strcmp(map->name, name))
                        return map;
        return NULL;
}
