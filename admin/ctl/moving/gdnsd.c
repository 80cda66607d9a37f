/* gdnsd's directory: config, and zones/. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "admin/ctl/moving/gdnsd_private.h"
#include "admin/ctl/moving/vscf.h"
#include "zones/dns/master_file.h"
#include "zones/dns/zonefile.h"

/* --- zones --- */

/* The TTL of records where a zone file gives none. */
static uint32_t default_ttl(const struct gdnsd *g)
{
        const struct doc *options = doc_get(g->config, "options");
        const char *text = options ? doc_get_string(options, "zones_default_ttl") : NULL;
        uint32_t ttl = 86400;

        if (text)
                master_ttl_parse(text, &ttl);
        return ttl;
}

/* A zone file under way. */
struct zone_file {
        struct gdnsd *g;
        const char *path;
};

/* "300/30": gdnsd's TTL of a dynamic record, at most and at least. Returns what is behind it. */
static const char *take_dynamic_ttl(const char *rest, uint32_t *most, uint32_t *least)
{
        const size_t n = strcspn(rest, " "), slash = strcspn(rest, "/ ");
        char text[2][12];

        if (rest[slash] != '/' || slash >= sizeof(text[0]) || n - slash > sizeof(text[1]))
                return rest;
        snprintf(text[0], sizeof(text[0]), "%.*s", (int)slash, rest);
        snprintf(text[1], sizeof(text[1]), "%.*s", (int)(n - slash - 1), rest + slash + 1);
        return master_ttl_parse(text[0], most) && master_ttl_parse(text[1], least) ? rest + n + (rest[n] == ' ') : rest;
}

static bool take_dynamic(void *context, const struct master_entry *entry)
{
        struct zone_file *z = context;
        struct gdnsd *g = z->g;
        uint32_t most = entry->has_ttl ? entry->ttl : default_ttl(g), least = 0;
        const char *rest = take_dynamic_ttl(entry->rest, &most, &least);

        if (!strncasecmp(rest, "IN ", 3))
                rest += 3;
        if (strncasecmp(rest, "DYNA ", 5) != 0 && strncasecmp(rest, "DYNC ", 5) != 0)
                return false;
        const char *place = arena_printf(g->m->arena, "%s:%u", z->path, entry->line);
        const char *type = arena_strndup(g->m->arena, rest, 4);
        if (least && least != most)
                moving_tell(g->m, MOVED_NEAR, place,
                            arena_printf(g->m->arena, "%s, TTL %u/%u", entry->owner, most, least),
                            "ttl: %u always; gdnsd goes down to %u while a change may be near", most, least);
        gdnsd_service(g, arena_strdup(g->m->arena, entry->owner), type, most, rest + 5, place);
        return true;
}

static void take_zone(struct gdnsd *g, const char *file)
{
        struct moving *m = g->m;
        const char *path = arena_printf(m->arena, "%s/zones/%s", g->directory, file);
        char *origin = arena_strdup(m->arena, file);
        struct zone_file z = {.g = g, .path = arena_printf(m->arena, "zones/%s", file)};
        const struct zonefile_options options = {.path = path,
                                                 .origin = origin,
                                                 .ttl = default_ttl(g),
                                                 .of_gdnsd = true,
                                                 .foreign = take_dynamic,
                                                 .context = &z};
        const size_t before = m->problems->count;
        FILE *f = fopen(path, "re");

        for (char *c = origin; *c; c++)
                if (*c == '@') /* RFC 2317: a slash cannot stand in a file's name */
                        *c = '/';
        struct doc *zone = f ? zonefile_read(f, &options, m->arena, m->problems) : NULL;
        if (!f)
                problems_add(m->problems, path, 0, "cannot open it: %s", strerror(errno));
        else
                fclose(f);
        for (size_t i = before; i < m->problems->count; i++) {
                struct problem *p = &m->problems->list[i];
                if (!*p->path) {
                        free(p->path);
                        p->path = strdup(z.path);
                }
        }
        if (!zone)
                return;
        doc_add(moving_list(m, "zones"), NULL, zone);
        moving_tell(m, MOVED_SAME, z.path, "zone", "zone %s with %u records", doc_get_string(zone, "name"),
                    doc_get(zone, "records")->count);
}

static int visible(const struct dirent *e)
{
        return e->d_name[0] != '.';
}

static void take_zones(struct gdnsd *g)
{
        const char *path = arena_printf(g->m->arena, "%s/zones", g->directory);
        struct dirent **found;
        int n = scandir(path, &found, visible, alphasort);

        if (n < 0) {
                problems_add(g->m->problems, path, 0, "cannot read this directory: %s", strerror(errno));
                return;
        }
        for (int i = 0; i < n; i++) {
                take_zone(g, found[i]->d_name);
                free(found[i]);
        }
        free(found);
        if (!n)
                problems_add(g->m->problems, path, 0, "expected zone files, one for each zone");
}

/* --- options --- */

static void take_options(struct gdnsd *g)
{
        static const struct {
                const char *option, *setting; /* "": it needs none */
        } settings[] = {{"run_dir", ""},
                        {"state_dir", ""},
                        {"udp_rcvbuf", ""},
                        {"udp_sndbuf", ""},
                        {"tcp_fastopen", ""},
                        {"listen", "listen"},
                        {"tcp_timeout", "tcp: {idle_timeout}"},
                        {"tcp_clients_per_thread", "tcp: {clients}"},
                        {"max_edns_response", "dns: {max_udp}"},
                        {"max_edns_response_v6", "dns: {max_udp}"},
                        {"chaos_response", "dns: {version}"},
                        {"nsid", "dns: {nsid}"},
                        {"udp_threads", "workers"},
                        {"tcp_threads", "workers"}};
        const struct doc *options = doc_get(g->config, "options");

        if (!options || options->type != DOC_MAP)
                return;
        doc_each (one, options) {
                const char *setting = NULL;
                if (!strcmp(one->key, "zones_default_ttl")) {
                        moving_tell(g->m, MOVED_SAME, gdnsd_place(g, one), one->key,
                                    "ttl of the records that have none");
                        continue;
                }
                for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
                        if (!strcmp(settings[i].option, one->key))
                                setting = settings[i].setting;
                if (setting && !*setting)
                        moving_tell(g->m, MOVED_SAME, gdnsd_place(g, one), one->key, "gslbd needs no such option");
                else if (setting)
                        moving_tell(g->m, MOVED_NEAR, gdnsd_place(g, one), one->key, "to be set in gslbd.yaml: %s",
                                    setting);
                else
                        moving_tell(g->m, MOVED_NONE, gdnsd_place(g, one), one->key, "gslbd has no such option");
        }
}

bool moving_gdnsd(struct moving *m, const char *directory)
{
        struct gdnsd g = {.m = m,
                          .directory = directory,
                          .made = doc_new(m->arena, DOC_MAP),
                          .lists = doc_new(m->arena, DOC_MAP)};
        const char *path = arena_printf(m->arena, "%s/config", directory);
        FILE *f = fopen(path, "re");

        if (!f && errno == ENOENT) /* all its options are optional, and so is the file */
                g.config = doc_new(m->arena, DOC_MAP);
        else
                g.config = vscf_read(path, m->arena, m->problems);
        if (f)
                fclose(f);
        if (!g.config)
                return false;
        take_options(&g);
        gdnsd_take_service_types(&g);
        gdnsd_take_maps(&g);
        take_zones(&g);
        return !m->problems->count;
}
