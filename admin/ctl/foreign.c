/* Files of others: zone files in and out, configurations of other servers. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "admin/ctl/ctl.h"
#include "admin/ctl/moving/moving.h"
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

/* --- configurations of other servers: the document to standard output, the report to standard error --- */

static void print_report(const struct moving *m)
{
        char mark[] = "=";

        doc_each (line, m->report) {
                const char *equal = doc_get_string(line, "equal");
                *mark = *equal == 's' ? '=' : equal[1] == 'e' ? '~' : '!';
                fprintf(stderr, "%s %s: %s\n    -> %s\n", mark, doc_get_string(line, "place"),
                        doc_get_string(line, "was"), doc_get_string(line, "became"));
        }
        fprintf(stderr, "%u the same (=), %u near (~), %u without an equal (!)\n", m->counts[MOVED_SAME],
                m->counts[MOVED_NEAR], m->counts[MOVED_NONE]);
}

static int import(struct ctl *c, bool read(struct moving *, const char *path))
{
        struct problems problems = PROBLEMS_INIT;
        struct moving m;

        moving_begin(&m, c->arena, &problems);
        if (!read(&m, c->argv[0])) {
                char *text = problems_text(&problems);
                fprintf(stderr, "gslbctl: %s cannot be taken:\n%s", c->argv[0], text);
                free(text);
                problems_free(&problems);
                return CTL_REFUSED;
        }
        moving_end(&m);
        if (c->output == OUTPUT_JSON) {
                struct doc *both = doc_new(c->arena, DOC_MAP);
                doc_add(both, "document", m.out);
                doc_add(both, "report", m.report);
                ctl_show_as_document(c, both);
        } else {
                struct buffer text = BUFFER_INIT(DOCUMENT_MAX);
                doc_write_yaml(m.out, &text);
                fwrite(text.data ? text.data : "", 1, text.length, stdout);
                buffer_free(&text);
                print_report(&m);
        }
        return fflush(stdout) ? CTL_REFUSED : m.counts[MOVED_NONE] ? CTL_DIFFERENT : CTL_OK;
}

int ctl_import_gdnsd(struct ctl *c)
{
        return import(c, moving_gdnsd);
}
