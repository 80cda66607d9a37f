/* What a command is given: a file, and names of items and their parts. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
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
                fprintf(stderr, "gslbctl: expected %s NAME: which one?\n", c->argv[0]);
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
