/* Changing a part of an item: set, patch, edit. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "admin/ctl/ctl.h"

#define EDITED_MAX ((size_t)64 << 20)
#define MARK       "#! " /* lines that say what is wrong; they go when it is read again */

/* --- set --- */

/* "soa.refresh=1h" into {soa: {refresh: 1h}}; an empty value is null, which takes the member out. */
static bool add_setting(struct ctl *c, struct doc *body, const char *setting)
{
        struct problems problems = PROBLEMS_INIT;
        const char *equals = strchr(setting, '='), *name = setting;

        if (!equals || equals == setting) {
                fprintf(stderr, "gslbctl: set: expected MEMBER=VALUE, got \"%s\"\n", setting);
                return false;
        }
        struct doc *value = equals[1] ? doc_parse(c->arena, equals + 1, strlen(equals + 1), DOC_YAML, &problems)
                                      : doc_new(c->arena, DOC_NULL);
        if (!value)
                fprintf(stderr, "gslbctl: set: %.*s: %s\n", (int)(equals - setting), setting,
                        problems.count ? problems.list[0].message : "no value");
        problems_free(&problems);
        for (; value && name[strcspn(name, ".=")] == '.'; name += strcspn(name, ".") + 1) {
                const char *key = arena_strndup(c->arena, name, strcspn(name, "."));
                struct doc *below = doc_get(body, key);
                body = below && below->type == DOC_MAP ? below : doc_add_map(c->arena, body, key);
        }
        if (value)
                doc_set(body, arena_strndup(c->arena, name, strcspn(name, "=")), value);
        return value != NULL;
}

int ctl_set(struct ctl *c)
{
        const char *path = ctl_item(c);
        struct doc *body = doc_new(c->arena, DOC_MAP);

        if (path && !c->argc)
                fprintf(stderr, "gslbctl: set: expected MEMBER=VALUE ...\n");
        if (!path || !c->argc)
                return CTL_USAGE;
        for (int i = 0; i < c->argc; i++)
                if (!add_setting(c, body, c->argv[i]))
                        return CTL_USAGE;
        return ctl_change(c, "PATCH", path, body, NULL);
}

int ctl_patch(struct ctl *c)
{
        const char *path = ctl_item_alone(c);
        struct ctl_body body;

        return path && ctl_read_files(c, &body) ? ctl_change_text(c, "PATCH", path, &body, NULL) : CTL_USAGE;
}

/* --- edit --- */

static bool edit_write_file(const char *path, const struct buffer *text)
{
        FILE *f = fopen(path, "we");
        bool good = f && fwrite(text->data, 1, text->length, f) == text->length;

        if (f && fclose(f))
                good = false;
        if (!good)
                fprintf(stderr, "gslbctl: cannot write %s: %s\n", path, strerror(errno));
        return good;
}

/* The editor's own words say what went wrong with it. */
static bool run_editor(const char *path)
{
        const char *editor = getenv("VISUAL");
        int status;

        if (!editor || !*editor)
                editor = getenv("EDITOR");
        if (!editor || !*editor)
                editor = "vi";
        pid_t child = fork();
        if (child == 0) {
                setenv("GSLBCTL_EDITED", path, 1);
                execl("/bin/sh", "sh", "-c", "eval \"$0\" '\"$GSLBCTL_EDITED\"'", editor, (char *)NULL);
                _exit(127);
        }
        if (child < 0 || waitpid(child, &status, 0) != child || status) {
                fprintf(stderr, "gslbctl: the editor (%s) did not end well; nothing was changed\n", editor);
                return false;
        }
        return true;
}

/* Without the lines that said what was wrong. */
static char *without_marks(struct ctl *c, const char *text, size_t *length)
{
        char *out = arena_bytes(c->arena, *length + 1);
        size_t n = 0;

        while (*text) {
                size_t line = strcspn(text, "\n") + (strchr(text, '\n') != NULL);
                if (strncmp(text, MARK, strlen(MARK))) {
                        memcpy(out + n, text, line);
                        n += line;
                }
                text += line;
        }
        out[n] = '\0';
        *length = n;
        return out;
}

static void mark(struct buffer *out, const struct doc *problem)
{
        const char *path = doc_get_string(problem, "path"), *message = doc_get_string(problem, "message");

        buffer_printf(out, MARK "%s%s%s\n", path ? path : "", path && *path ? ": " : "", message ? message : "");
}

/* What was written, each problem below its line; those without one at the top. */
static void with_marks(const struct ctl_reply *reply, const char *text, struct buffer *out)
{
        const struct doc *problems = doc_get(reply->document, "problems");
        const struct doc *first = problems && problems->type == DOC_LIST ? problems->first : NULL;
        const char *detail = doc_get_string(reply->document, "detail");
        int64_t at;

        buffer_printf(out, MARK "%s\n", detail ? detail : "the server refused");
        for (const struct doc *one = first; one; one = one->next)
                if (!doc_get_int(one, "line", &at))
                        mark(out, one);
        for (int64_t line = 1; *text; line++) {
                size_t n = strcspn(text, "\n");
                buffer_bytes(out, text, n);
                buffer_text(out, "\n");
                text += n + (text[n] == '\n');
                for (const struct doc *one = first; one; one = one->next)
                        if (doc_get_int(one, "line", &at) && at == line)
                                mark(out, one);
        }
}

/* Edits until it is taken, or left as it was. `was`: what the file holds. */
static int edit_file(struct ctl *c, const char *path, const char *file, const char *etag, const char *was)
{
        for (const char *refused = NULL;;) {
                struct ctl_body body = {.content_type = "application/yaml", .if_match = etag};
                struct ctl_reply reply;

                if (!run_editor(file))
                        return CTL_REFUSED;
                char *text = ctl_read_file(c, file, &body.length);
                if (!text)
                        return CTL_REFUSED;
                body.text = text = without_marks(c, text, &body.length);
                if (!strcmp(text, was) || (refused && !strcmp(text, refused))) {
                        fprintf(stderr, "gslbctl: nothing was edited%s; nothing was changed\n",
                                refused ? " since it was refused" : "");
                        return refused ? CTL_REFUSED : CTL_OK;
                }
                int status = ctl_send(c, "PUT", ctl_change_path(c, path), &body, &reply);
                if (status == CTL_OK)
                        return ctl_show_change(c, reply.document);
                if (status != CTL_REFUSED)
                        return status;
                ctl_print_problem(&reply);
                if (reply.status != 400 && reply.status != 422) /* no better text helps */
                        return status;
                struct buffer marked = BUFFER_INIT(EDITED_MAX);
                with_marks(&reply, text, &marked);
                bool written = edit_write_file(file, &marked);
                buffer_free(&marked);
                if (!written)
                        return CTL_REFUSED;
                refused = text;
        }
}

int ctl_edit(struct ctl *c)
{
        const char *path = ctl_item_alone(c), *directory = getenv("TMPDIR");
        struct buffer text = BUFFER_INIT(EDITED_MAX);
        struct ctl_reply reply;

        if (!path)
                return CTL_USAGE;
        int status = ctl_send(c, "GET", path, &(struct ctl_body){0}, &reply);
        if (status == CTL_REFUSED)
                ctl_print_problem(&reply);
        if (status)
                return status;
        char *file = arena_printf(c->arena, "%s/gslbctl-XXXXXX.yaml", directory && *directory ? directory : "/tmp");
        int fd = mkstemps(file, 5);
        if (fd >= 0)
                close(fd);
        doc_write_yaml(reply.document, &text);
        status = edit_write_file(file, &text) ? edit_file(c, path, file, reply.etag, text.data) : CTL_REFUSED;
        if (status != CTL_REFUSED && status != CTL_UNREACHABLE)
                unlink(file);
        else
                fprintf(stderr, "What was written is in %s\n", file);
        buffer_free(&text);
        return status;
}
