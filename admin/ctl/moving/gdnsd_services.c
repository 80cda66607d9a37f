/* DYNA and DYNC records: services over the pools of a resource. */
#include <string.h>
#include "admin/ctl/moving/gdnsd_private.h"
#include "base/address.h"

/* A service under way. */
struct making {
        struct gdnsd *g;
        struct doc *service, *pools;
        const char *place, *was;
};

static const struct doc *plugin_config(const struct gdnsd *g, const char *plugin)
{
        const struct doc *plugins = doc_get(g->config, "plugins");

        return plugins ? doc_get(plugins, plugin) : NULL;
}

static void none(struct making *k, const char *why)
{
        moving_tell(k->g->m, MOVED_NONE, k->place, k->was, "%s", why);
}

static void add_pool(struct making *k, const char *pool)
{
        if (!pool)
                return;
        doc_each (one, k->pools)
                if (!strcmp(one->string, pool))
                        return;
        doc_add_string(k->g->m->arena, k->pools, NULL, pool);
}

/* The pool of a plugin's own resource. */
static void add_resource(struct making *k, const char *plugin, const char *resource, const char *region)
{
        const struct doc *config = plugin_config(k->g, plugin), *found = config ? doc_get(config, resource) : NULL;
        struct gdnsd_levels levels = {.level = {config}, .count = 1};
        const char *name = arena_printf(k->g->m->arena, "%s!%s", plugin, resource);

        if (found)
                add_pool(k, gdnsd_pool(k->g, plugin, name, found, levels, region));
        else if (!strcmp(plugin, "geoip") || !strcmp(plugin, "metafo"))
                none(k, arena_printf(k->g->m->arena,
                                     "%s within another has no equal: write its pools into this service", name));
        else
                none(k, strcmp(plugin, "reflect") && strcmp(plugin, "null")
                                ? arena_printf(k->g->m->arena, "there is no resource %s", name)
                                : arena_printf(k->g->m->arena, "gslbd has no plugin %s", plugin));
}

static bool is_host_name(const char *text)
{
        size_t n = strlen(text);

        return n > 1 && text[n - 1] == '.';
}

/* What stands in a dcmap for one datacenter. `levels`: the plugin and the resource. */
static void add_datacenter(struct making *k, const char *name, const struct doc *config, struct gdnsd_levels levels,
                           const char *region)
{
        struct arena *a = k->g->m->arena;
        const struct doc *plugin = gdnsd_param(&levels, "plugin");
        const char *default_plugin = plugin && plugin->type == DOC_STRING ? plugin->string : "multifo";

        if (config->type == DOC_STRING && (*config->string == '%' || *config->string == '!')) {
                const char *reference = config->string + (*config->string == '%'), *mark = strchr(reference, '!');
                const char *of = mark && mark > reference ? arena_strndup(a, reference, (size_t)(mark - reference))
                                                          : default_plugin;
                if (mark)
                        add_resource(k, of, mark + 1, region);
                return;
        }
        if (config->type == DOC_MAP && doc_get_string(config, "plugin"))
                default_plugin = doc_get_string(config, "plugin");
        else if (config->type != DOC_MAP) /* an address, some, or one host name */
                default_plugin = config->type == DOC_STRING && is_host_name(config->string) ? "static" : "multifo";
        add_pool(k, gdnsd_pool(k->g, default_plugin, name, config, levels, region));
}

static bool is_region(struct gdnsd *g, const char *name)
{
        return moving_find(g->m, "regions", name) != NULL;
}

/* geoip and metafo. `only`: the one datacenter that is asked for; NULL: all. */
static void add_meta(struct making *k, const char *plugin, const char *resource, const char *only)
{
        struct gdnsd *g = k->g;
        struct arena *a = g->m->arena;
        const struct doc *config = plugin_config(g, plugin), *all = config ? doc_get(config, "resources") : NULL;
        const struct doc *found = all ? doc_get(all, resource) : NULL, *dcmap = found ? doc_get(found, "dcmap") : NULL;
        const bool geo = !strcmp(plugin, "geoip");
        const struct gdnsd_map *map =
                geo && found && doc_get_string(found, "map") ? gdnsd_map_find(g, doc_get_string(found, "map")) : NULL;
        const struct doc *order = map ? doc_get(map->map, "datacenters") : found ? doc_get(found, "datacenters") : NULL;
        struct gdnsd_levels levels = {.level = {config, found}, .count = 2};

        if (!dcmap || !order) {
                none(k, arena_printf(a, "there is no resource %s!%s with %s and dcmap", plugin, resource,
                                     geo ? "map" : "datacenters"));
                return;
        }
        if (gdnsd_true(gdnsd_param(&levels, "skip_first")))
                none(k, "skip_first has no equal: the first datacenter serves, too");
        doc_each_or_one (dc, order) {
                const struct doc *one = dc->type == DOC_STRING ? doc_get(dcmap, dc->string) : NULL;
                if (one && (!only || !strcmp(only, dc->string)))
                        add_datacenter(k, arena_printf(a, "%s!%s-%s", plugin, resource, dc->string), one, levels,
                                       is_region(g, dc->string) ? dc->string : gdnsd_default_region(g));
        }
        if (only || k->pools->count < 2)
                return;
        doc_add_string(a, k->service, "steering", !map ? "failover" : map->automatic ? "proximity" : "geo");
        if (map && map->overrides)
                doc_add(k->service, "overrides", doc_copy(a, map->overrides));
}

static bool gives_host_names(const struct making *k)
{
        struct address address;

        doc_each (pool, k->pools)
                doc_each (endpoint, doc_get(moving_find(k->g->m, "pools", pool->string), "endpoints"))
                        if (!address_parse(doc_get_string(endpoint, "address"), &address))
                                return true;
        return false;
}

void gdnsd_service(struct gdnsd *g, const char *owner, const char *type, uint32_t ttl, const char *data,
                   const char *place)
{
        struct arena *a = g->m->arena;
        const char *mark = strchr(data, '!'), *name = arena_strndup(a, owner, strlen(owner) - 1);
        struct making k = {.g = g,
                           .service = doc_new(a, DOC_MAP),
                           .pools = doc_new(a, DOC_LIST),
                           .place = place,
                           .was = arena_printf(a, "%s %s %s", owner, type, data)};

        if (!mark) {
                problems_add(g->m->problems, place, 0, "expected PLUGIN!RESOURCE, got \"%s\"", data);
                return;
        }
        const char *plugin = arena_strndup(a, data, (size_t)(mark - data)), *slash = strchr(mark, '/');
        doc_add_string(a, k.service, "name", name);
        doc_add_int(a, k.service, "ttl", ttl > 86400 ? 86400 : ttl);
        if (!strcmp(plugin, "geoip") || !strcmp(plugin, "metafo"))
                add_meta(&k, plugin, slash ? arena_strndup(a, mark + 1, (size_t)(slash - mark - 1)) : mark + 1,
                         slash ? slash + 1 : NULL);
        else
                add_resource(&k, plugin, mark + 1, gdnsd_default_region(g));
        if (!k.pools->count) {
                none(&k, "no service: it has no pools");
                return;
        }
        if (!strcmp(type, "DYNC") && gives_host_names(&k))
                moving_tell(g->m, MOVED_NEAR, place, k.was,
                            "a CNAME for types A and AAAA; gdnsd gives it for every type");
        doc_add(k.service, "pools", k.pools);
        doc_add(moving_list(g->m, "services"), NULL, k.service);
        moving_tell(g->m, MOVED_SAME, place, k.was, "service %s over %u pool%s", name, k.pools->count,
                    k.pools->count == 1 ? "" : "s");
}
