/* What a command is given: files, and names of items and their parts. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "admin/ctl/ctl.h"
#include "zones/store/kind.h"

#define FILE_MAX ((size_t)256 << 20)

char *ctl_read_file(struct ctl *c, const char *path, size_t *length)
{
        struct buffer text = BUFFER_INIT(FILE_MAX);
        FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
        char piece[65536];
        size_t n;

        if (!f) {
                fprintf(stderr, "gslbctl: cannot open %s: %s\n", path, strerror(errno));
                return NULL;
        }
        errno = 0;
        while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
                buffer_bytes(&text, piece, n);
        int why = errno;
        bool failed = ferror(f) || text.overflow;
        if (f != stdin)
                fclose(f);
        if (failed) {
                fprintf(stderr, "gslbctl: cannot read %s: %s\n", path,
                        text.overflow ? "it is too large" : strerror(why));
                buffer_free(&text);
                return NULL;
        }
        *length = text.length;
        char *copy = arena_strndup(c->arena, text.data ? text.data : "", text.length);
        buffer_free(&text);
        return copy;
}

/* --- several files as one document --- */

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
static bool merge(struct ctl *c, struct doc *whole, const struct doc *d, const char *path)
{
        if (d->type != DOC_MAP) {
                fprintf(stderr, "gslbctl: %s: expected a map of kinds\n", path);
                return false;
        }
        doc_each (member, d) {
                struct doc *there = doc_get(whole, member->key);
                if (there && !strcmp(member->key, "revision") && there->type == DOC_INT && member->type == DOC_INT) {
                        if (member->integer < there->integer) /* the oldest holds for all */
                                there->integer = member->integer;
                } else if (!there) {
                        doc_add(whole, member->key, doc_copy(c->arena, member));
                } else if (there->type == DOC_LIST && member->type == DOC_LIST) {
                        doc_each (one, member)
                                doc_add(there, NULL, doc_copy(c->arena, one));
                } else {
                        fprintf(stderr, "gslbctl: %s: %s stands in another file too, and is no list\n", path,
                                member->key);
                        return false;
                }
        }
        return true;
}

static bool merge_file(struct ctl *c, struct doc *whole, const char *path)
{
        struct problems problems = PROBLEMS_INIT;
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
        return d && merge(c, whole, d, path);
}

static bool merge_directory(struct ctl *c, struct doc *whole, const char *path)
{
        struct dirent **entries;
        int n = scandir(path, &entries, is_configuration, alphasort);
        bool good = n > 0;

        if (n < 0)
                fprintf(stderr, "gslbctl: cannot read %s: %s\n", path, strerror(errno));
        else if (!n)
                fprintf(stderr, "gslbctl: %s: there is no *.yaml, *.yml or *.json in this directory\n", path);
        for (int i = 0; i < n; i++) {
                good = good && merge_file(c, whole, arena_printf(c->arena, "%s/%s", path, entries[i]->d_name));
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

bool ctl_read_files(struct ctl *c, struct ctl_body *body)
{
        *body = (struct ctl_body){0};
        if (!c->file_count) {
                fprintf(stderr, "gslbctl: expected -f FILE\n");
                return false;
        }
        /* One file is sent as it is, so that gslbd can name its lines. */
        if (c->file_count == 1 && !is_directory(c->files[0])) {
                body->content_type = is_json(c->files[0]) ? "application/json" : "application/yaml";
                body->text = ctl_read_file(c, c->files[0], &body->length);
                return body->text != NULL;
        }
        struct doc *whole = doc_new(c->arena, DOC_MAP);
        for (unsigned i = 0; i < c->file_count; i++)
                if (!(is_directory(c->files[i]) ? merge_directory : merge_file)(c, whole, c->files[i]))
                        return false;
        struct buffer text = BUFFER_INIT(FILE_MAX);
        doc_write_json(whole, &text, 0);
        body->text = arena_strndup(c->arena, text.data, text.length);
        body->length = text.length;
        buffer_free(&text);
        return true;
}

/* --- names --- */

static const char *part_path(struct ctl *c, const char *whole, const char *name, const char *parts, const char *part)
{
        return arena_printf(c->arena, "%s/%s/%s/%s", whole, ctl_escape(c, name), parts, part);
}

/* The kind that a word names, one of many or all; false: none. */
static bool kind_called(struct ctl *c, const char *word, enum kind *kind)
{
        return kind_parse(word, kind) || kind_parse(arena_printf(c->arena, "%ss", word), kind);
}

const char *ctl_item(struct ctl *c)
{
        enum kind kind;
        bool only = kind_called(c, c->argv[0], &kind) && kind_only_key(kind);

        if (!only && c->argc < 2) {
                fprintf(stderr, "gslbctl: expected %s and a name\n", c->argv[0]);
                return NULL;
        }
        const char *path = only ? kind_name(kind) : ctl_item_path(c, c->argv[0], c->argv[1]);
        c->argc -= only ? 1 : 2;
        c->argv += only ? 1 : 2;
        return path;
}

const char *ctl_item_alone(struct ctl *c)
{
        const char *path = ctl_item(c);

        if (!path || !c->argc)
                return path;
        fprintf(stderr, "gslbctl: expected no \"%s\": there is one document of %s\n", c->argv[0], path);
        return NULL;
}

const char *ctl_item_path(struct ctl *c, const char *kind, const char *name)
{
        bool endpoint = !strcmp(kind, "endpoint") || !strcmp(kind, "endpoints"),
             record = !strcmp(kind, "record") || !strcmp(kind, "records");
        const char *slash = strchr(name, '/'), *last = strrchr(name, '/');
        enum kind known;

        if (endpoint || record) {
                if (!slash || (record && slash == last)) {
                        fprintf(stderr, "gslbctl: expected %s, got \"%s\"\n",
                                record ? "ZONE/NAME/TYPE" : "POOL/ENDPOINT", name);
                        return NULL;
                }
        } else if (!kind_called(c, kind, &known)) {
                fprintf(stderr, "gslbctl: there is no kind \"%s\"; expected one of endpoints, records", kind);
                for (int k = 0; k < KIND_COUNT; k++)
                        fprintf(stderr, ", %s", kind_name((enum kind)k));
                fprintf(stderr, "\n");
                return NULL;
        } else if (!slash || (known != KIND_POOLS && known != KIND_ZONES) || (known == KIND_ZONES && slash == last)) {
                return arena_printf(c->arena, "%s/%s", kind_name(known), ctl_escape(c, name));
        } else {
                record = known == KIND_ZONES;
        }
        const char *whole = arena_strndup(c->arena, name, (size_t)(slash - name));
        if (!record)
                return part_path(c, "pools", whole, "endpoints", ctl_escape(c, slash + 1));
        const char *owner = arena_strndup(c->arena, slash + 1, (size_t)(last - slash - 1));
        return part_path(c, "zones", whole, "records",
                         arena_printf(c->arena, "%s/%s", ctl_escape(c, owner), ctl_escape(c, last + 1)));
}
