/* Moving in: configurations of other servers, read from their files. The document goes to standard output, the report
 * to standard error. */
#include <stdio.h>
#include <stdlib.h>
#include "admin/ctl/ctl.h"
#include "admin/ctl/moving/moving.h"

#define DOCUMENT_MAX ((size_t)256 << 20)

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
