#include "zones/dns/master_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/buffer.h"
#include "base/memory.h"

#define ENTRY_MAX  (1u << 20)
#define TOKENS_MAX 4096

/* A file under way. */
struct file {
        FILE *f;
        const char *path; /* NULL: not known */
        unsigned line, depth;
        const char *first_origin;
        struct file *above; /* that includes it */
};

struct reading {
        const struct master_options *options;
        struct arena *arena;
        struct problems *problems;
        master_visit *visit;
        void *context;
        const char *origin; /* absolute */
        char *owner;        /* of the entry before; owned. NULL: none */
        uint32_t ttl;
        bool has_ttl;
        /* The entry under way. */
        unsigned at; /* its first line */
        bool inherits;
        struct buffer text; /* tokens, each with a NUL behind it */
        unsigned count;
        size_t tokens[TOKENS_MAX];
};

static void problem(struct reading *r, const struct file *m, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

static void problem(struct reading *r, const struct file *m, const char *format, ...)
{
        char text[1500];
        va_list ap;

        va_start(ap, format);
        vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        problems_add(r->problems, m->above && m->path ? m->path : "", r->at, "%s", text);
}

static const char *token(const struct reading *r, unsigned i)
{
        return i < r->count ? r->text.data + r->tokens[i] : "";
}

/* --- tokens --- */

/* Takes one token that begins with `c`. Returns the character behind it. */
static int read_token(struct reading *r, struct file *m, int c)
{
        bool quoted = false;

        if (r->count < TOKENS_MAX)
                r->tokens[r->count++] = r->text.length;
        for (; c != EOF; c = getc(m->f)) {
                char byte = (char)c;
                if (c == '"')
                        quoted = !quoted;
                else if (c == '\n' || (!quoted && c && strchr(" \t\r;()", c)))
                        break;
                if (!c)
                        problem(r, m, "a byte with the value 0");
                buffer_bytes(&r->text, &byte, 1);
                if (c == '\\') {
                        c = getc(m->f);
                        if (c == EOF || c == '\n')
                                break;
                        byte = (char)c;
                        buffer_bytes(&r->text, &byte, 1);
                }
        }
        buffer_bytes(&r->text, "", 1);
        if (quoted)
                problem(r, m, "expected a \" that closes the text");
        return c;
}

/* Reads the next entry, over lines in parentheses. false: the file has ended. */
static bool read_entry(struct reading *r, struct file *m)
{
        int open = 0, c = getc(m->f);

        r->count = 0;
        buffer_clear(&r->text);
        r->at = m->line;
        r->inherits = c == ' ' || c == '\t';
        while (c != EOF) {
                if (c == ';')
                        while (c != '\n' && c != EOF)
                                c = getc(m->f);
                if (c == '\n') {
                        m->line++;
                        if (!open && r->count)
                                return true;
                        c = getc(m->f);
                        if (!open) {
                                r->at = m->line;
                                r->inherits = c == ' ' || c == '\t';
                        }
                } else if (c == '(' || c == ')') {
                        open += c == '(' ? 1 : -1;
                        c = getc(m->f);
                } else if (c == ' ' || c == '\t' || c == '\r') {
                        c = getc(m->f);
                } else if (c != EOF) {
                        c = read_token(r, m, c);
                }
        }
        if (open > 0)
                problem(r, m, "expected a ) that closes the entry");
        return r->count > 0;
}

bool master_ttl_parse(const char *text, uint32_t *out)
{
        static const char units[] = "smhdw";
        static const uint32_t seconds[] = {1, 60, 3600, 86400, 604800};
        uint64_t sum = 0;

        if (!*text)
                return false;
        while (*text) {
                char *end;
                if (*text < '0' || *text > '9')
                        return false;
                uint64_t n = strtoull(text, &end, 10);
                const char *unit = *end ? strchr(units, *end | 0x20) : units;
                if (!unit || n > UINT32_MAX)
                        return false;
                sum += n * seconds[unit - units];
                if (sum > INT32_MAX)
                        return false;
                text = end + (*end != '\0');
        }
        *out = (uint32_t)sum;
        return true;
}

/* --- names --- */

static bool is_absolute(const char *name)
{
        size_t n = strlen(name), slashes = 0;

        if (!n || name[n - 1] != '.')
                return false;
        while (slashes + 1 < n && name[n - 2 - slashes] == '\\')
                slashes++;
        return slashes % 2 == 0;
}

/* `name` below `origin`, in the arena. */
static const char *below(struct reading *r, const char *name, const char *origin)
{
        return strcmp(origin, ".") ? arena_printf(r->arena, "%s.%s", name, origin)
                                   : arena_printf(r->arena, "%s.", name);
}

/* A text as it is, but @Z and @F, alone or as last label, are the names that they mean. */
static const char *zone_names(struct reading *r, const struct file *m, const char *text)
{
        size_t n = strlen(text);

        if (!r->options->of_gdnsd || n < 2 || text[n - 2] != '@' || (text[n - 1] != 'Z' && text[n - 1] != 'F') ||
            (n > 2 && text[n - 3] != '.'))
                return text;
        const char *name = text[n - 1] == 'F' ? m->first_origin : r->options->origin ? r->options->origin : ".";
        if (!is_absolute(name))
                name = arena_printf(r->arena, "%s.", name);
        return n == 2 ? name : below(r, arena_strndup(r->arena, text, n - 3), name);
}

static const char *absolute(struct reading *r, const struct file *m, const char *name)
{
        if (!strcmp(name, "@"))
                return r->origin;
        name = zone_names(r, m, name);
        return is_absolute(name) ? name : below(r, name, r->origin);
}

/* --- entries and directives --- */

/* Takes TTL and class off the front, in whatever order they are. */
static const char *without_ttl_and_class(const char *rest, struct master_entry *entry)
{
        for (int i = 0; i < 2; i++) {
                size_t n = strcspn(rest, " ");
                char word[24];
                if (!rest[n] || n >= sizeof(word))
                        break;
                memcpy(word, rest, n);
                word[n] = '\0';
                if (master_ttl_parse(word, &entry->ttl))
                        entry->has_ttl = true;
                else if (strcasecmp(word, "IN") != 0)
                        break;
                rest += n + 1;
        }
        return rest;
}

static void tell(struct reading *r, const struct file *m, const char *owner, const char *rest)
{
        struct master_entry entry = {.owner = owner,
                                     .origin = r->origin,
                                     .file = m->path,
                                     .ttl = r->ttl,
                                     .has_ttl = r->has_ttl,
                                     .line = r->at};

        entry.rest = without_ttl_and_class(rest, &entry);
        r->visit(r->context, &entry);
}

static void take_entry(struct reading *r, const struct file *m)
{
        struct buffer rest = BUFFER_INIT(ENTRY_MAX);

        if (!r->inherits) {
                const char *owner = absolute(r, m, token(r, 0));
                free(r->owner);
                r->owner = memory_strdup(owner);
        }
        if (!r->owner) {
                problem(r, m, "expected a name: there is none before");
                return;
        }
        for (unsigned i = r->inherits ? 0 : 1; i < r->count; i++) {
                if (rest.length)
                        buffer_text(&rest, " ");
                buffer_text(&rest, zone_names(r, m, token(r, i)));
        }
        tell(r, m, r->owner, rest.data ? rest.data : "");
        buffer_free(&rest);
}

/* What stands behind "$" in a $GENERATE: nothing, or {offset,width,base}. Writes the number; returns what is behind.
 * NULL: it is not valid. */
static const char *put_number(struct buffer *out, const char *text, long number)
{
        long offset = 0, width = 0;
        char base = 'd';

        if (*text == '{') {
                char *end;
                offset = strtol(text + 1, &end, 10);
                if (*end == ',')
                        width = strtol(end + 1, &end, 10);
                if (*end == ',')
                        base = end[1], end += 2;
                if (*end != '}' || width < 0 || width > 255 || !strchr("doxX", base))
                        return NULL;
                text = end + 1;
        }
        if (number + offset < 0)
                return NULL;
        switch (base) {
        case 'd':
                buffer_printf(out, "%0*ld", (int)width, number + offset);
                break;
        case 'o':
                buffer_printf(out, "%0*lo", (int)width, (unsigned long)(number + offset));
                break;
        case 'x':
                buffer_printf(out, "%0*lx", (int)width, (unsigned long)(number + offset));
                break;
        default:
                buffer_printf(out, "%0*lX", (int)width, (unsigned long)(number + offset));
        }
        return text;
}

/* A token of a $GENERATE for one number. false: it is not valid. */
static bool generate_text(struct buffer *out, const char *text, long number)
{
        while (*text) {
                if (!strncmp(text, "\\$", 2) || !strncmp(text, "$$", 2)) {
                        buffer_text(out, "$");
                        text += 2;
                } else if (*text == '$') {
                        text = put_number(out, text + 1, number);
                        if (!text)
                                return false;
                } else {
                        buffer_bytes(out, text++, 1);
                }
        }
        return !out->overflow;
}

static bool generate_one(struct reading *r, const struct file *m, long number)
{
        struct buffer owner = BUFFER_INIT(2000), rest = BUFFER_INIT(ENTRY_MAX);
        bool good = generate_text(&owner, token(r, 2), number);

        for (unsigned i = 3; good && i < r->count; i++) {
                if (i > 3)
                        buffer_text(&rest, " ");
                good = generate_text(&rest, token(r, i), number);
        }
        if (good)
                tell(r, m, absolute(r, m, owner.data ? owner.data : "@"), rest.data ? rest.data : "");
        buffer_free(&owner);
        buffer_free(&rest);
        return good;
}

/* $GENERATE START-STOP[/STEP] OWNER [TTL] [class] type data */
static void generate(struct reading *r, const struct file *m)
{
        long start, stop, step = 1;
        int used = 0;
        const char *range = token(r, 1);
        bool good = sscanf(range, "%ld-%ld%n", &start, &stop, &used) == 2;

        if (good && range[used] == '/')
                good = sscanf(range + used + 1, "%ld", &step) == 1;
        else
                good = good && !range[used];
        if (!good || r->count < 5 || start < 0 || stop < start || step < 1) {
                problem(r, m, "expected $GENERATE START-STOP[/STEP] OWNER [TTL] [IN] TYPE DATA, got %s", range);
                return;
        }
        if ((stop - start) / step >= MASTER_FILE_GENERATED) {
                problem(r, m, "expected a $GENERATE of at most %d, got %s", MASTER_FILE_GENERATED, range);
                return;
        }
        for (long i = start; i <= stop && r->problems->count < PROBLEMS_MAX; i += step)
                if (!generate_one(r, m, i)) {
                        problem(r, m,
                                "expected $ or ${OFFSET[,WIDTH[,d|o|x|X]]} with numbers of 0 and above in a $GENERATE");
                        return;
                }
}

static void read_file(struct reading *, struct file *);

/* $INCLUDE FILE [ORIGIN]. Origin and owner are afterwards as before. */
static void include(struct reading *r, struct file *m)
{
        const char *name = token(r, 1), *slash = m->path ? strrchr(m->path, '/') : NULL;
        const char *origin = r->origin;
        const uint32_t ttl = r->ttl;
        const bool has_ttl = r->has_ttl;
        size_t n = strlen(name);

        if (n > 1 && name[0] == '"' && name[n - 1] == '"')
                name = arena_strndup(r->arena, name + 1, n - 2);
        if (m->depth + 1 >= MASTER_FILE_DEPTH) {
                problem(r, m, "expected at most %d files that include each other: %s", MASTER_FILE_DEPTH, name);
                return;
        }
        struct file next = {.line = 1, .depth = m->depth + 1, .above = m};
        next.path = *name == '/' || !slash ? arena_strdup(r->arena, name)
                                           : arena_printf(r->arena, "%.*s/%s", (int)(slash - m->path), m->path, name);
        next.f = *name ? fopen(next.path, "re") : NULL;
        if (!next.f) {
                problem(r, m, "cannot open %s: %s", next.path,
                        *name ? strerror(errno) : "expected $INCLUDE FILE [ORIGIN]");
                return;
        }
        char *owner = r->owner ? memory_strdup(r->owner) : NULL;
        if (r->count > 2)
                r->origin = absolute(r, m, token(r, 2));
        read_file(r, &next);
        fclose(next.f);
        r->origin = origin;
        if (r->options->of_gdnsd) {
                r->ttl = ttl;
                r->has_ttl = has_ttl;
        }
        free(r->owner);
        r->owner = owner;
}

/* Returns whether the entry is one. */
static bool take_directive(struct reading *r, struct file *m)
{
        const char *name = token(r, 0);

        if (r->inherits || *name != '$')
                return false;
        if (!strcasecmp(name, "$ORIGIN") && r->count == 2) {
                r->origin = arena_strdup(r->arena, absolute(r, m, token(r, 1)));
        } else if (!strcasecmp(name, "$TTL") && r->count == 2) {
                if (master_ttl_parse(token(r, 1), &r->ttl))
                        r->has_ttl = true;
                else
                        problem(r, m, "expected $TTL with a time such as 3600 or 1h, got %s", token(r, 1));
        } else if (!strcasecmp(name, "$INCLUDE") && r->count >= 2 && r->count <= 3) {
                include(r, m);
        } else if (!strcasecmp(name, "$GENERATE")) {
                generate(r, m);
        } else {
                problem(r, m, "expected $ORIGIN NAME, $TTL TIME, $INCLUDE FILE [ORIGIN] or $GENERATE, got %s", name);
        }
        return true;
}

static void read_file(struct reading *r, struct file *m)
{
        m->first_origin = r->origin;
        while (r->problems->count < PROBLEMS_MAX && read_entry(r, m)) {
                if (r->text.overflow || r->count == TOKENS_MAX)
                        problem(r, m, "expected an entry of at most 1 MiB and %d words", TOKENS_MAX);
                else if (!take_directive(r, m))
                        take_entry(r, m);
        }
}

void master_file_read(FILE *f, const struct master_options *options, struct arena *a, struct problems *problems,
                      master_visit *visit, void *context)
{
        struct reading *r = memory_alloc(sizeof(*r));
        struct file first = {.f = f, .path = options->path, .line = 1};

        r->options = options;
        r->arena = a;
        r->problems = problems;
        r->visit = visit;
        r->context = context;
        r->text = BUFFER_INIT(ENTRY_MAX);
        r->origin = options->origin && *options->origin ? options->origin : ".";
        if (!is_absolute(r->origin))
                r->origin = arena_printf(a, "%s.", r->origin);
        read_file(r, &first);
        buffer_free(&r->text);
        free(r->owner);
        free(r);
}
