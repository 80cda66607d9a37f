/* Zone files in and out. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/ctl/ctl.h"
#include "zones/dns/name.h"
#include "zones/dns/zonefile.h"

#define DOCUMENT_MAX ((size_t)256 << 20)

static int print_problems(const char *path, struct problems *problems)
{
        char *text = problems_text(problems);

        fprintf(stderr, "gslbctl: %s is not valid, nothing was changed:\n%s", path, text);
        free(text);
        problems_free(problems);
        return CTL_REFUSED;
}

int ctl_zone_import(struct ctl *c)
{
        const char *path = c->argv[0];
        struct problems problems = PROBLEMS_INIT;
        FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
        struct doc *document = doc_new(c->arena, DOC_MAP);

        if (!f) {
                fprintf(stderr, "gslbctl: cannot open %s: %s\n", path, strerror(errno));
                return CTL_USAGE;
        }
        const struct zonefile_options options = {.path = f == stdin ? NULL : path, .origin = c->origin};
        struct doc *zone = zonefile_read(f, &options, c->arena, &problems);
        if (f != stdin)
                fclose(f);
        if (!zone)
                return print_problems(path, &problems);
        doc_add(doc_add_list(c->arena, document, "zones"), NULL, zone);
        c->comment = "zone import";
        struct buffer text = BUFFER_INIT(DOCUMENT_MAX);
        doc_write_json(document, &text, 0);
        const struct ctl_body body = {.text = text.data, .length = text.length};
        int status = ctl_change_asking(c, "POST", "apply", &body);
        buffer_free(&text);
        return status;
}

/* The zone's serial among those of all. */
static uint32_t serial_in(const struct doc *serials, const char *zone)
{
        const struct doc *items = doc_get(serials, "items");
        int64_t serial = 1;

        for (const struct doc *one = items ? items->first : NULL; one; one = one->next) {
                const char *name = doc_get_string(one, "zone");
                if (name && !strcmp(name, zone))
                        doc_get_int(one, "serial", &serial);
        }
        return (uint32_t)serial;
}

int ctl_zone_export(struct ctl *c)
{
        const char *name = c->argv[0];
        struct problems problems = PROBLEMS_INIT;
        struct doc *zone, *serials;
        int status = ctl_call(c, "GET", arena_printf(c->arena, "zones/%s", ctl_escape(c, name)), NULL, &zone);

        if (!status)
                status = ctl_call(c, "GET", "serials", NULL, &serials);
        if (status)
                return status;
        char key[NAME_TEXT_MAX];
        uint32_t serial = serial_in(serials, name_key(name, key) ? key : name);
        return zonefile_write(stdout, zone, serial, &problems) ? CTL_OK : print_problems(name, &problems);
}
