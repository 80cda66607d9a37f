/* admin/ctl/moving/gdnsd_private.h: what the readers of gdnsd's files share. */
#ifndef ADMIN_CTL_MOVING_GDNSD_PRIVATE_H
#define ADMIN_CTL_MOVING_GDNSD_PRIVATE_H

#include "admin/ctl/moving/moving.h"

#define GDNSD_DEPTH 4 /* plugin, resource, datacenter, family: where a parameter is looked for, the last first */

/* A map of the plugin geoip. */
struct gdnsd_map {
        const char *name;
        const struct doc *map;
        bool automatic;        /* by distance: auto_dc_coords */
        struct doc *overrides; /* of the services that go by it; NULL: none */
        struct gdnsd_map *next;
};

struct gdnsd {
        struct moving *m;
        const char *directory;
        const struct doc *config; /* its file "config"; an empty map when there is none */
        struct gdnsd_map *maps;
        struct doc *made;  /* {"plugin!resource in region": name of its pool} */
        struct doc *lists; /* {region without pools of its own: the datacenters that its clients go by} */
};

/* Where a parameter may stand: from the outermost to the innermost. */
struct gdnsd_levels {
        const struct doc *level[GDNSD_DEPTH];
        unsigned count;
};

/* --- gdnsd_common.c --- */
const struct doc *gdnsd_param(const struct gdnsd_levels *, const char *name);
struct gdnsd_levels gdnsd_within(struct gdnsd_levels, const struct doc *level);
/* "plugins.geoip.maps.prod" of a place in the configuration, in the arena. */
const char *gdnsd_place(struct gdnsd *, const struct doc *);
bool gdnsd_true(const struct doc *); /* of a boolean; NULL is false */

/* --- gdnsd_maps.c: maps become regions, networks and overrides --- */
void gdnsd_take_maps(struct gdnsd *);
const struct gdnsd_map *gdnsd_map_find(const struct gdnsd *, const char *name);
/* The region of what stands nowhere in particular; it is made when it is first asked for. */
const char *gdnsd_default_region(struct gdnsd *);

/* --- gdnsd_monitors.c: service_types become monitors --- */
void gdnsd_take_service_types(struct gdnsd *);
/* The monitor for `service_types`; "": none, it is always up. NULL: it is always down. */
const char *gdnsd_monitor(struct gdnsd *, const struct doc *service_types);

/* --- gdnsd_pools.c: resources become pools --- */
/* The pool of a resource of a plugin that gives addresses, in a region. NULL: there is none, and the report says why.
 * `config`: what stands there for it (a map, a list, a text). `name`: "plugin!resource" or the like. */
const char *gdnsd_pool(struct gdnsd *, const char *plugin, const char *name, const struct doc *config,
                       struct gdnsd_levels above, const char *region);

/* --- gdnsd_services.c: DYNA and DYNC become services --- */
/* A record `owner` (absolute) with data "plugin!resource". */
void gdnsd_service(struct gdnsd *, const char *owner, const char *type, uint32_t ttl, const char *data,
                   const char *place);

#endif
