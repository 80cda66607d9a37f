/* Resources of the plugins that give addresses: multifo, weighted, simplefo, static. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "admin/ctl/moving/gdnsd_private.h"
#include "base/address.h"

#define ANSWERS_MAX 16
#define WEIGHT_MAX  65535

/* A pool under way. */
struct making {
        struct gdnsd *g;
        struct doc *pool, *endpoints;
        const char *place, *was;
        enum { MULTIFO, WEIGHTED, SIMPLEFO, FIXED } plugin;
        const char *family; /* behind names that stand in both families, "-v6"; else "" */
        bool near;
        double threshold; /* the least of the families */
};

static bool is_parameter(const char *key)
{
        static const char *const names[] = {"service_types", "up_thresh", "ignore_health", "multi",      "plugin",
                                            "map",           "dcmap",     "datacenters",   "skip_first", "addrs_v4",
                                            "addrs_v6",      "resources", "maps"};

        for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
                if (!strcmp(key, names[i]))
                        return true;
        return false;
}

static bool has_endpoint(const struct making *k, const char *name)
{
        doc_each (one, k->endpoints)
                if (!strcmp(doc_get_string(one, "name"), name))
                        return true;
        return false;
}

/* weight 0: none is said. */
static void add_endpoint(struct making *k, const char *label, const char *address, int64_t weight,
                         struct gdnsd_levels levels)
{
        struct arena *a = k->g->m->arena;
        struct doc *e = doc_new(a, DOC_MAP);
        const char *name =
                has_endpoint(k, label) ? arena_printf(a, "%s%s", label, *k->family ? k->family : "-2") : label;
        const char *monitor = gdnsd_monitor(k->g, gdnsd_param(&levels, "service_types"));
        size_t n = strlen(address);

        doc_add_string(a, e, "name", name);
        doc_add_string(a, e, "address", n > 1 && address[n - 1] == '.' ? arena_strndup(a, address, n - 1) : address);
        if (weight > WEIGHT_MAX)
                k->near = true;
        if (weight)
                doc_add_int(a, e, "weight", weight > WEIGHT_MAX ? WEIGHT_MAX : weight);
        if (k->plugin == SIMPLEFO && !strcmp(label, "secondary"))
                doc_add_int(a, e, "priority", 1);
        if (!monitor)
                doc_add_bool(a, e, "enabled", false);
        else if (*monitor)
                doc_add_string(a, e, "monitor", monitor);
        doc_add(k->endpoints, NULL, e);
}

static void add_weighted(struct making *k, const struct doc *one, struct gdnsd_levels levels)
{
        const struct doc *address = one->type == DOC_LIST ? one->first : NULL, *weight = address ? address->next : NULL;

        if (one->type == DOC_MAP) { /* a group */
                k->near = true;
                doc_each (member, one)
                        if (!is_parameter(member->key))
                                add_weighted(k, member, levels);
        } else if (!weight || address->type != DOC_STRING || weight->type != DOC_STRING) {
                doc_problem(k->g->m->problems, one, NULL, "expected [ ADDRESS, WEIGHT ]");
        } else {
                add_endpoint(k, one->key, address->string, strtoll(weight->string, NULL, 10), levels);
        }
}

/* Addresses as they stand at one place: a map of labels, a list, or one. */
static void add_all(struct making *k, const struct doc *config, struct gdnsd_levels levels)
{
        const struct doc *threshold;
        unsigned i = 1;

        if (config->type == DOC_MAP)
                levels = gdnsd_within(levels, config);
        threshold = gdnsd_param(&levels, "up_thresh");
        double share = k->plugin == SIMPLEFO || k->plugin == FIXED ? 0.01
                       : threshold                                 ? strtod(threshold->string, NULL)
                                                                   : 0.5;
        k->threshold = k->threshold > 0 && k->threshold < share ? k->threshold : share;
        if (gdnsd_true(gdnsd_param(&levels, "ignore_health")))
                moving_tell(k->g->m, MOVED_NONE, k->place, "ignore_health", "what is down is not answered");
        if (k->plugin == WEIGHTED && gdnsd_true(gdnsd_param(&levels, "multi")))
                k->near = true;
        if (config->type != DOC_MAP) {
                doc_each_or_one (one, config)
                        if (one->type == DOC_STRING)
                                add_endpoint(k, arena_printf(k->g->m->arena, "%u", i++), one->string, 0, levels);
                return;
        }
        doc_each (one, config) {
                if (is_parameter(one->key))
                        continue;
                if (k->plugin == WEIGHTED)
                        add_weighted(k, one, levels);
                else if (one->type == DOC_STRING)
                        add_endpoint(k, one->key, one->string, 0, levels);
                else
                        doc_problem(k->g->m->problems, one, NULL, "expected an address");
        }
}

/* One monitor that all endpoints have is the pool's. */
static void lift_monitor(struct making *k)
{
        const char *first = k->endpoints->first ? doc_get_string(k->endpoints->first, "monitor") : NULL;

        if (!first)
                return;
        doc_each (one, k->endpoints) {
                const char *other = doc_get_string(one, "monitor");
                if (!other || strcmp(other, first) != 0)
                        return;
        }
        doc_add_string(k->g->m->arena, k->pool, "monitor", first);
        doc_each (one, k->endpoints)
                doc_remove(one, doc_get(one, "monitor"));
}

static bool same_weights(const struct making *k)
{
        int64_t first = 1, weight;

        doc_each (one, k->endpoints) {
                weight = 1;
                doc_get_int(one, "weight", &weight);
                if (one == k->endpoints->first)
                        first = weight;
                else if (weight != first)
                        return false;
        }
        return true;
}

static void add_balance(struct making *k)
{
        static const char *const balances[] = {"all", "weighted", "failover", "all"};
        struct arena *a = k->g->m->arena;
        const int percent = (int)lround(k->threshold * 100);

        doc_add_string(a, k->pool, "balance", balances[k->plugin]);
        if (k->plugin == WEIGHTED && k->near) {
                uint32_t most = k->endpoints->count < ANSWERS_MAX ? k->endpoints->count : ANSWERS_MAX;
                doc_add_int(a, k->pool, "answers", most);
        }
        if (percent > 1 && k->endpoints->count > 1)
                doc_add_format(a, k->pool, "min_healthy", "%d%%", percent > 100 ? 100 : percent);
}

static void tell(struct making *k, const char *name)
{
        struct moving *m = k->g->m;

        if (k->plugin == WEIGHTED && k->near)
                moving_tell(m, MOVED_NEAR, k->place, k->was,
                            "pool %s: several addresses, drawn by weight; groups are no more, and gdnsd draws each by "
                            "itself (multi)",
                            name);
        else if (k->plugin == WEIGHTED && !same_weights(k))
                moving_tell(m, MOVED_NEAR, k->place, k->was,
                            "pool %s: up_thresh counts endpoints (min_healthy), not their weights", name);
        else if (k->plugin == MULTIFO && k->endpoints->count > ANSWERS_MAX)
                moving_tell(m, MOVED_NEAR, k->place, k->was, "pool %s: %d of its addresses in one reply", name,
                            ANSWERS_MAX);
        else
                moving_tell(m, MOVED_SAME, k->place, k->was, "pool %s with %u endpoint%s", name, k->endpoints->count,
                            k->endpoints->count == 1 ? "" : "s");
}

static bool know_plugin(struct making *k, const char *plugin)
{
        static const char *const names[] = {"multifo", "weighted", "simplefo", "static"};

        for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
                if (!strcmp(plugin, names[i])) {
                        k->plugin = i;
                        return true;
                }
        moving_tell(k->g->m, MOVED_NONE, k->place, k->was, "no pool: gslbd knows no plugin %s", plugin);
        return false;
}

const char *gdnsd_pool(struct gdnsd *g, const char *plugin, const char *name, const struct doc *config,
                       struct gdnsd_levels above, const char *region)
{
        struct arena *a = g->m->arena;
        const char *key = arena_printf(a, "%s in %s", name, region), *before = doc_get_string(g->made, key);
        struct making k = {.g = g, .place = gdnsd_place(g, config), .was = name, .family = ""};

        if (before || !know_plugin(&k, plugin))
                return before;
        k.pool = doc_new(a, DOC_MAP);
        k.endpoints = doc_new(a, DOC_LIST);
        const struct doc *four = config->type == DOC_MAP ? doc_get(config, "addrs_v4") : NULL,
                         *six = config->type == DOC_MAP ? doc_get(config, "addrs_v6") : NULL;
        if (four)
                add_all(&k, four, gdnsd_within(above, config));
        k.family = "-v6";
        if (six)
                add_all(&k, six, gdnsd_within(above, config));
        if (!four && !six)
                add_all(&k, config, above);
        if (!k.endpoints->count) {
                moving_tell(g->m, MOVED_NONE, k.place, name, "no pool: there are no addresses");
                return NULL;
        }
        const char *made = moving_name(g->m, "pools", strchr(name, '!') ? strchr(name, '!') + 1 : name);
        doc_add_string(a, k.pool, "name", made);
        doc_add_string(a, k.pool, "region", region);
        lift_monitor(&k);
        add_balance(&k);
        doc_add(k.pool, "endpoints", k.endpoints);
        doc_add(moving_list(g->m, "pools"), NULL, k.pool);
        doc_add_string(a, g->made, key, made);
        tell(&k, made);
        return made;
}
