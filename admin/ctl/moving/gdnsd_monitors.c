/* service_types: how gdnsd checks. */
#include <stdlib.h>
#include <string.h>
#include "admin/ctl/moving/gdnsd_private.h"

#define COUNT_MAX 100 /* of rise and fall */

static int64_t number(const struct doc *map, const char *key, int64_t fallback)
{
        const char *text = doc_get_string(map, key);

        return text ? strtoll(text, NULL, 10) : fallback;
}

/* rise, fall, interval, timeout. */
static void add_timing(struct gdnsd *g, const struct doc *type, struct doc *monitor)
{
        struct arena *a = g->m->arena;
        const int64_t interval = number(type, "interval", 10), timeout = number(type, "timeout", 0);
        int64_t rise = number(type, "up_thresh", 20), fall = number(type, "down_thresh", 10);

        doc_add_format(a, monitor, "interval", "%llds", (long long)interval);
        if (timeout || interval % 2 == 0)
                doc_add_format(a, monitor, "timeout", "%llds", (long long)(timeout ? timeout : interval / 2));
        else
                doc_add_format(a, monitor, "timeout", "%lldms", (long long)interval * 500);
        if (rise > COUNT_MAX || fall > COUNT_MAX)
                moving_tell(g->m, MOVED_NEAR, gdnsd_place(g, type), type->key, "rise and fall are %d at most",
                            COUNT_MAX);
        rise = rise > COUNT_MAX ? COUNT_MAX : rise;
        fall = fall > COUNT_MAX ? COUNT_MAX : fall;
        doc_add_int(a, monitor, "rise", rise);
        doc_add_int(a, monitor, "fall", fall);
        moving_tell(g->m, MOVED_NEAR, gdnsd_place(g, type), "ok_thresh",
                    "fall: %lld failures in a row; gdnsd also counts failures with successes between them",
                    (long long)fall);
}

static void add_http(struct gdnsd *g, const struct doc *type, struct doc *monitor)
{
        struct arena *a = g->m->arena;
        const char *path = doc_get_string(type, "url_path"), *host = doc_get_string(type, "vhost");
        const struct doc *codes = doc_get(type, "ok_codes");
        struct doc *status = doc_new(a, DOC_LIST), *expect = doc_new(a, DOC_MAP);

        doc_add_string(a, monitor, "type", "http");
        doc_add_int(a, monitor, "port", number(type, "port", 80));
        doc_add_string(a, monitor, "path", path ? path : "/");
        if (host)
                doc_add_string(a, monitor, "host", host);
        if (codes)
                doc_each_or_one (one, codes)
                        doc_add_int(a, status, NULL, one->type == DOC_STRING ? strtoll(one->string, NULL, 10) : 200);
        else
                doc_add_int(a, status, NULL, 200);
        doc_add(expect, "status", status);
        doc_add(monitor, "expect", expect);
}

/* A program: its arguments as they stand, with what gslbd puts into the environment. */
static void add_program(struct gdnsd *g, const struct doc *type, struct doc *monitor)
{
        struct arena *a = g->m->arena;
        const struct doc *command = doc_get(type, "cmd");
        struct doc *exec = doc_new(a, DOC_MAP), *arguments = doc_new(a, DOC_LIST);
        const char *program = "check", *slash;

        if (command) {
                unsigned i = 0;
                doc_each_or_one (one, command) {
                        if (one->type == DOC_STRING && !i++)
                                program = (slash = strrchr(one->string, '/')) ? slash + 1 : one->string;
                        else if (one->type == DOC_STRING)
                                doc_add_string(a, arguments, NULL, one->string);
                }
        }
        doc_add_string(a, monitor, "type", "exec");
        doc_add_string(a, exec, "program", program);
        doc_add(exec, "arguments", arguments);
        doc_add(monitor, "exec", exec);
        moving_tell(g->m, MOVED_NEAR, gdnsd_place(g, type), "plugin => extmon",
                    "monitor of type exec: put the program into the directory of probes.exec in gslbd.yaml; for "
                    "%%%%ITEM%%%% it takes $GSLBD_ADDRESS");
}

/* Returns whether there is a monitor for it. */
static bool add_kind(struct gdnsd *g, const struct doc *type, struct doc *monitor)
{
        struct arena *a = g->m->arena;
        const char *plugin = doc_get_string(type, "plugin");

        if (!plugin)
                plugin = "none";
        if (!strcmp(plugin, "http_status")) {
                add_http(g, type, monitor);
        } else if (!strcmp(plugin, "tcp_connect")) {
                doc_add_string(a, monitor, "type", "tcp");
                doc_add_int(a, monitor, "port", number(type, "port", 0));
        } else if (!strcmp(plugin, "extmon")) {
                add_program(g, type, monitor);
        } else if (!strcmp(plugin, "extfile")) {
                struct doc *external = doc_new(a, DOC_MAP);
                doc_add_string(a, monitor, "type", "external");
                doc_add_string(a, external, "when_silent", gdnsd_true(doc_get(type, "def_down")) ? "down" : "up");
                doc_add(monitor, "external", external);
                moving_tell(
                        g->m, MOVED_NEAR, gdnsd_place(g, type), "plugin => extfile",
                        "monitor of type external: whoever writes the file tells the API, gslbctl endpoint verdict");
                return true;
        } else {
                return false;
        }
        add_timing(g, type, monitor);
        return true;
}

void gdnsd_take_service_types(struct gdnsd *g)
{
        const struct doc *types = doc_get(g->config, "service_types");

        if (!types || types->type != DOC_MAP)
                return;
        doc_each (type, types) {
                struct doc *monitor = doc_new(g->m->arena, DOC_MAP);
                const char *plugin = doc_get_string(type, "plugin");
                if (!strcmp(type->key, "up") || !strcmp(type->key, "down") ||
                    (plugin && (!strcmp(plugin, "static") || !strcmp(plugin, "null"))))
                        continue; /* it checks nothing; see gdnsd_monitor */
                const char *name = moving_name(g->m, "monitors", type->key);
                doc_add_string(g->m->arena, monitor, "name", name);
                if (!add_kind(g, type, monitor)) {
                        moving_tell(g->m, MOVED_NONE, gdnsd_place(g, type), type->key,
                                    "gslbd knows no checks of plugin %s", plugin ? plugin : "?");
                        continue;
                }
                doc_add(moving_list(g->m, "monitors"), NULL, monitor);
                moving_tell(g->m, MOVED_SAME, gdnsd_place(g, type), type->key, "monitor %s", name);
        }
}

/* What one service type comes to: as gdnsd_monitor. */
static const char *monitor_of(struct gdnsd *g, const char *type)
{
        const struct doc *types = doc_get(g->config, "service_types"), *one = types ? doc_get(types, type) : NULL;
        const char *plugin = one ? doc_get_string(one, "plugin") : NULL,
                   *state = one ? doc_get_string(one, "state") : NULL;

        if (!strcmp(type, "up"))
                return "";
        if (!strcmp(type, "down") || (plugin && !strcmp(plugin, "null")))
                return NULL;
        if (plugin && !strcmp(plugin, "static"))
                return state && !strncmp(state, "DOWN", 4) ? NULL : "";
        return moving_find(g->m, "monitors", type) ? type : "";
}

const char *gdnsd_monitor(struct gdnsd *g, const struct doc *service_types)
{
        struct arena *a = g->m->arena;
        struct doc *of = doc_new(a, DOC_LIST), *composite = doc_new(a, DOC_MAP), *monitor = doc_new(a, DOC_MAP);
        const char *name = "";

        if (!service_types)
                return "";
        doc_each_or_one (one, service_types) {
                const char *part = one->type == DOC_STRING ? monitor_of(g, one->string) : "";
                if (!part)
                        return NULL;
                if (!*part)
                        continue;
                doc_add_string(a, of, NULL, part);
                name = *name ? arena_printf(a, "%s-and-%s", name, part) : part;
        }
        if (of->count < 2 || moving_find(g->m, "monitors", name))
                return name;
        const struct doc *first = moving_find(g->m, "monitors", of->first->string);
        doc_add_string(a, monitor, "name", name);
        doc_add_string(a, monitor, "type", "composite");
        for (const char *const *timing = (const char *const[]){"interval", "timeout", "rise", "fall", NULL}; *timing;
             timing++)
                if (doc_get(first, *timing))
                        doc_add(monitor, *timing, doc_copy(a, doc_get(first, *timing)));
        doc_add(composite, "of", of);
        doc_add(monitor, "composite", composite);
        doc_add(moving_list(g->m, "monitors"), NULL, monitor);
        moving_tell(g->m, MOVED_NEAR, gdnsd_place(g, service_types), "service_types",
                    "monitor %s, all of them, with interval, rise and fall of %s", name, of->first->string);
        return name;
}
