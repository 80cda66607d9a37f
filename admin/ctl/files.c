/* The files of -f as one document. gslbd names lines of what it was sent; they are told as those of the files. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "admin/ctl/ctl.h"

#define WHOLE_MAX ((size_t)256 << 20)

/* One that was read. */
struct file {
        const char *path;
        const struct doc *document;
        struct file *next;
};

struct merge {
        struct ctl *ctl;
        struct doc *whole;
        struct file *first, **end;
};

static bool ends_with(const char *text, const char *end)
{
        size_t n = strlen(text), m = strlen(end);
        return n > m && !strcmp(text + n - m, end);
}

static bool is_json(const char *path)
{
        return ends_with(path, ".json");
}

static int is_configuration(const struct dirent *entry)
{
        return entry->d_name[0] != '.' &&
               (ends_with(entry->d_name, ".yaml") || ends_with(entry->d_name, ".yml") || is_json(entry->d_name));
}

/* Lists of a kind are put together; what cannot be is a message. */
static bool merge(struct merge *m, const struct doc *d, const char *path)
{
        struct arena *a = m->ctl->arena;

        if (d->type != DOC_MAP) {
                fprintf(stderr, "gslbctl: %s: expected a map of kinds\n", path);
                return false;
        }
        doc_each (member, d) {
                struct doc *there = doc_get(m->whole, member->key);
                if (there && !strcmp(member->key, "revision") && there->type == DOC_INT && member->type == DOC_INT) {
                        if (member->integer < there->integer) /* the oldest holds for all */
                                there->integer = member->integer;
                } else if (!there) {
                        doc_add(m->whole, member->key, doc_copy(a, member));
                } else if (there->type == DOC_LIST && member->type == DOC_LIST) {
                        doc_each (one, member)
                                doc_add(there, NULL, doc_copy(a, one));
                } else {
                        fprintf(stderr, "gslbctl: %s: %s stands in another file too, and is no list\n", path,
                                member->key);
                        return false;
                }
        }
        struct file *file = ARENA_ARRAY(a, struct file, 1);
        *file = (struct file){.path = path, .document = d};
        *m->end = file;
        m->end = &file->next;
        return true;
}

static bool merge_file(struct merge *m, const char *path)
{
        struct problems problems = PROBLEMS_INIT;
        struct ctl *c = m->ctl;
        size_t length;
        char *text = ctl_read_file(c, path, &length);
        const struct doc *d =
                text ? doc_parse(c->arena, text, length, is_json(path) ? DOC_JSON : DOC_YAML, &problems) : NULL;

        if (text && !d) {
                char *all = problems_text(&problems);
                fprintf(stderr, "gslbctl: %s is not valid, nothing was changed:\n%s", path, all);
                free(all);
        }
        problems_free(&problems);
        return d && merge(m, d, path);
}

static bool merge_directory(struct merge *m, const char *path)
{
        struct dirent **entries;
        int n = scandir(path, &entries, is_configuration, alphasort);
        bool good = n > 0;

        if (n < 0)
                fprintf(stderr, "gslbctl: cannot read %s: %s\n", path, strerror(errno));
        else if (!n)
                fprintf(stderr, "gslbctl: %s: there is no *.yaml, *.yml or *.json in this directory\n", path);
        for (int i = 0; i < n; i++) {
                good = good && merge_file(m, arena_printf(m->ctl->arena, "%s/%s", path, entries[i]->d_name));
                free(entries[i]);
        }
        if (n >= 0)
                free(entries);
        return good;
}

static bool is_directory(const char *path)
{
        struct stat status;
        return strcmp(path, "-") && !stat(path, &status) && S_ISDIR(status.st_mode);
}

/* --- where each line is from --- */

static size_t count_lines(const char *text)
{
        size_t n = 1;

        while ((text = strchr(text, '\n'))) {
                n++;
                text++;
        }
        return n;
}

/* Lines as doc_write_json makes them: each child begins one, what ends a list or map another. */
static void trace_children(struct ctl_places *p, const char *path, const struct doc *d)
{
        if ((d->type != DOC_LIST && d->type != DOC_MAP) || !d->first)
                return;
        doc_each (child, d) {
                p->list[p->count++] = (struct ctl_place){path, child->line};
                trace_children(p, path, child);
        }
        p->list[p->count++] = (struct ctl_place){path, d->line};
}

/* A list of a kind has items of each file that has such a list, in the order of the files. */
static void trace_member(struct ctl_places *p, const struct file *files, const struct doc *member)
{
        const struct ctl_place none = {0};
        const struct doc *part;

        p->list[p->count++] = none;
        for (const struct file *file = files; file; file = file->next) {
                if (!(part = doc_get(file->document, member->key)))
                        continue;
                if (member->type != DOC_LIST) {
                        p->list[p->count - 1] = (struct ctl_place){file->path, part->line};
                        trace_children(p, file->path, part);
                        return;
                }
                doc_each (item, part) {
                        p->list[p->count++] = (struct ctl_place){file->path, item->line};
                        trace_children(p, file->path, item);
                }
        }
        if (member->type == DOC_LIST && member->first)
                p->list[p->count++] = none;
}

static const struct ctl_places *trace(const struct merge *m, const char *text)
{
        struct ctl_places *p = ARENA_ARRAY(m->ctl->arena, struct ctl_places, 1);

        p->list = ARENA_ARRAY(m->ctl->arena, struct ctl_place, count_lines(text));
        p->count = 1;
        p->list[0] = (struct ctl_place){0};
        doc_each (member, m->whole)
                trace_member(p, m->first, member);
        return p;
}

bool ctl_read_files(struct ctl *c, struct ctl_body *body)
{
        *body = (struct ctl_body){0};
        if (!c->file_count) {
                fprintf(stderr, "gslbctl: expected -f FILE\n");
                return false;
        }
        if (c->file_count == 1 && !is_directory(c->files[0])) {
                body->content_type = is_json(c->files[0]) ? "application/json" : "application/yaml";
                body->text = ctl_read_file(c, c->files[0], &body->length);
                return body->text != NULL;
        }
        struct merge m = {.ctl = c, .whole = doc_new(c->arena, DOC_MAP)};
        m.end = &m.first;
        for (unsigned i = 0; i < c->file_count; i++)
                if (!(is_directory(c->files[i]) ? merge_directory : merge_file)(&m, c->files[i]))
                        return false;
        struct buffer text = BUFFER_INIT(WHOLE_MAX);
        doc_write_json(m.whole, &text, 1);
        body->text = arena_strndup(c->arena, text.data, text.length);
        body->length = text.length;
        body->places = trace(&m, body->text);
        buffer_free(&text);
        return true;
}
