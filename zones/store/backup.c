#include "zones/store/backup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "zones/store/digest.h"
#include "zones/store/store_private.h"
#include "zones/store/walk.h"

#define BEGINNING "{\"gslbd_backup\":"
#define LAST_LINE "{\"lines\":%zu,\"sha256\":\"%s\"}\n"
#define LAST_MAX  160

/* --- writing --- */

struct writing {
        struct pieces pieces;
        struct store_walk *walk;
        struct sha256 *sha256;
        uint64_t revision;
        int64_t time_ms, revision_ms;
        struct digest digest;
        struct buffer *out;
        int kind;
        size_t lines, bytes;
        size_t put; /* of the document that is being written: one may be longer than a piece */
};

static void write_name(struct buffer *out, const char *name)
{
        const struct doc d = {.type = DOC_STRING, .string = name, .count = (uint32_t)strlen(name)};

        doc_write_json(&d, out, 0);
}

static enum walk_visit line_written(struct writing *w)
{
        w->lines++;
        return w->out->length < PIECE_BYTES ? WALK_ON : WALK_REST;
}

static enum walk_visit write_document(void *context, const char *key, const char *json, size_t length)
{
        struct writing *w = context;

        if (!w->put) {
                buffer_printf(w->out, "{\"kind\":\"%s\",\"key\":", kind_name((enum kind)w->kind));
                write_name(w->out, key);
                buffer_text(w->out, ",\"document\":");
        }
        size_t part = length - w->put;
        if (part > PIECE_BYTES)
                part = PIECE_BYTES;
        buffer_bytes(w->out, json + w->put, part);
        w->put += part;
        if (w->put < length)
                return WALK_AGAIN;
        w->put = 0;
        buffer_text(w->out, "}\n");
        return line_written(w);
}

static enum walk_visit write_serial(void *context, const char *zone, const char *value, size_t length)
{
        struct writing *w = context;
        struct zone_serial kept;

        if (length != sizeof(kept))
                return WALK_ON;
        memcpy(&kept, value, sizeof(kept));
        buffer_text(w->out, "{\"serial\":");
        write_name(w->out, zone);
        buffer_printf(w->out, ",\"value\":%u,\"contents\":[\"%016llx\",\"%016llx\"]}\n", kept.serial,
                      (unsigned long long)kept.contents[0], (unsigned long long)kept.contents[1]);
        return line_written(w);
}

static void write_head(struct writing *w)
{
        char made[CLOCK_TEXT_MAX], now[CLOCK_TEXT_MAX], sum[DIGEST_TEXT];

        buffer_printf(w->out,
                      BEGINNING "%d,\"store_format\":%d,\"revision\":%llu,\"revision_time\":\"%s\",\"time\":\"%s\","
                                "\"digest\":\"%s\"}\n",
                      BACKUP_FORMAT, STORE_FORMAT, (unsigned long long)w->revision, clock_format(w->revision_ms, made),
                      clock_format(w->time_ms, now), digest_text(&w->digest, sum));
        w->lines = 1;
}

static void write_end(struct writing *w)
{
        char digest[SHA256_TEXT];

        sha256_end(w->sha256, digest);
        buffer_printf(w->out, LAST_LINE, w->lines, digest);
}

static bool is_backed_up(int kind)
{
        return kind == WALK_SERIALS || !kind_is_duty((enum kind)kind); /* that is about revisions of this history */
}

static enum piece backup_next(struct pieces *p, struct buffer *out)
{
        struct writing *w = (struct writing *)p;
        enum walk_step step = WALK_ENDED;

        w->out = out;
        if (!w->lines)
                write_head(w);
        for (; w->kind <= WALK_SERIALS; w->kind++) {
                if (!is_backed_up(w->kind))
                        continue;
                step = store_walk_step(w->walk, w->kind, w->kind == WALK_SERIALS ? write_serial : write_document, w,
                                       p->error, sizeof(p->error));
                if (step != WALK_ENDED)
                        break;
        }
        w->bytes += out->length;
        if (w->bytes > BACKUP_MAX - LAST_MAX)
                snprintf(p->error, sizeof(p->error), "a backup of more than %zu MiB could not be restored",
                         BACKUP_MAX >> 20);
        if (step == WALK_BROKEN || w->bytes > BACKUP_MAX - LAST_MAX)
                return PIECE_BROKEN;
        sha256_add(w->sha256, out->data, out->length);
        if (step == WALK_RESTS)
                return PIECE_MORE;
        write_end(w);
        return PIECE_LAST;
}

static void backup_free(struct pieces *p)
{
        struct writing *w = (struct writing *)p;

        store_walk_end(w->walk);
        sha256_free(w->sha256);
        free(w);
}

/* Kinds, and serials behind them, as bits. */
static unsigned backed_up(void)
{
        unsigned kinds = 0;

        for (int k = 0; k <= WALK_SERIALS; k++)
                kinds |= is_backed_up(k) ? 1u << k : 0;
        return kinds;
}

/* The digest is of what the backup holds. */
static void look(void *context, struct store_txn *txn)
{
        struct writing *w = context;
        struct digest others;

        w->revision = store_revision(txn);
        w->revision_ms = store_revision_time(txn);
        if (store_digest(txn, &w->digest)) {
                digest_of_kinds(txn, ~backed_up(), &others);
                digest_subtract(&w->digest, &others);
        }
}

struct pieces *backup_pieces(struct store *s, int64_t now_ms, uint64_t *revision, char *error, size_t error_size)
{
        struct writing *w = memory_alloc(sizeof(*w));
        *w = (struct writing){
                .pieces = {.next = backup_next, .free = backup_free}, .sha256 = sha256_new(), .time_ms = now_ms};
        w->walk = store_walk_begin(s, backed_up(), look, w, error, error_size);
        if (!w->walk) {
                backup_free(&w->pieces);
                return NULL;
        }
        *revision = w->revision;
        return &w->pieces;
}

/* --- checking --- */

static bool refuse(char *error, size_t size, const char *why)
{
        snprintf(error, size, "%s", why);
        return false;
}

/* The whole number behind `name` in the first line; 0: there is none. */
static unsigned long number_in(const char *line, size_t length, const char *name)
{
        size_t n = strlen(name);

        for (size_t i = 0; i + n < length; i++)
                if (!strncmp(line + i, name, n))
                        return strtoul(line + i + n, NULL, 10);
        return 0;
}

static bool check_format(const char *text, size_t length, char *error, size_t error_size)
{
        const char *end = memchr(text, '\n', length);
        size_t first = end ? (size_t)(end - text) : 0;
        char line[LAST_MAX * 2];

        if (length < strlen(BEGINNING) || strncmp(text, BEGINNING, strlen(BEGINNING)))
                return refuse(error, error_size, "this is no backup of gslbd");
        if (!first || first >= sizeof(line))
                return refuse(error, error_size, "the backup is cut or damaged: its first line is not whole");
        memcpy(line, text, first);
        line[first] = '\0';
        unsigned long format = number_in(line, first, BEGINNING), store = number_in(line, first, "\"store_format\":");
        if (format <= BACKUP_FORMAT && store <= STORE_FORMAT)
                return true;
        snprintf(error, error_size,
                 "the backup has format %lu of a store of format %lu, this program knows %d and %d: use the gslbd that "
                 "made it, or a newer one",
                 format, store, BACKUP_FORMAT, STORE_FORMAT);
        return false;
}

bool backup_check(const char *text, size_t length, char *error, size_t error_size)
{
        char digest[SHA256_TEXT], expected[LAST_MAX];
        size_t last = length, lines = 0;

        if (!check_format(text, length, error, error_size))
                return false;
        while (last > 1 && (last == length || text[last - 1] != '\n'))
                last--;
        if (text[length - 1] != '\n' || length - last < 8 || strncmp(text + last, LAST_LINE, 8))
                return refuse(error, error_size, "the backup is cut: its last line is missing or not whole");
        for (size_t i = 0; i < last; i++)
                lines += text[i] == '\n';
        sha256_text(text, last, "", 0, digest);
        int n = snprintf(expected, sizeof(expected), LAST_LINE, lines, digest);
        if ((size_t)n != length - last || memcmp(text + last, expected, (size_t)n))
                return refuse(error, error_size, "the backup is damaged: its digest is not that of its content");
        return true;
}

/* --- reading --- */

static bool hex64(const struct doc *list, uint32_t index, uint64_t *out)
{
        const struct doc *d = list ? list->first : NULL;
        char *end;

        for (; d && index; index--)
                d = d->next;
        if (!d || d->type != DOC_STRING || d->count != 16)
                return false;
        *out = strtoull(d->string, &end, 16);
        return !*end;
}

static bool take_serial(struct backup *b, const struct doc *line)
{
        const struct doc *contents = doc_get(line, "contents");
        struct backup_serial *s = &b->serials[b->serial_count];
        int64_t value;

        s->zone = doc_get_string(line, "serial");
        if (!s->zone || !doc_get_int(line, "value", &value) || value < 0 || value > UINT32_MAX ||
            !hex64(contents, 0, &s->kept.contents[0]) || !hex64(contents, 1, &s->kept.contents[1]))
                return false;
        s->kept.serial = (uint32_t)value;
        b->serial_count++;
        return true;
}

static bool take_line(struct backup *b, struct doc *line)
{
        struct change *c = &b->changes[b->count];
        const char *kind = doc_get_string(line, "kind");

        if (!kind)
                return take_serial(b, line);
        c->key = doc_get_string(line, "key");
        c->document = doc_get(line, "document");
        if (!c->key || !*c->key || strlen(c->key) > STORE_KEY_MAX || !c->document || !kind_parse(kind, &c->kind))
                return false;
        b->count++;
        return true;
}

/* The first one. */
static bool take_head(struct backup *b, const struct doc *line)
{
        int64_t revision;

        if (!doc_get_int(line, "revision", &revision) || revision < 0)
                return false;
        b->revision = (uint64_t)revision;
        b->digest = doc_get_string(line, "digest");
        return true;
}

static struct doc *parse_line(const char *line, size_t length, struct arena *a)
{
        struct problems none = PROBLEMS_INIT;
        struct doc *d = doc_parse(a, line, length, DOC_JSON, &none);

        problems_free(&none);
        return d && d->type == DOC_MAP ? d : NULL;
}

bool backup_read(const char *text, size_t length, struct arena *a, struct backup *b, char *error, size_t error_size)
{
        const char *at = text, *end;
        size_t lines = 0;

        if (!backup_check(text, length, error, error_size))
                return false;
        for (size_t i = 0; i < length; i++)
                lines += text[i] == '\n';
        *b = (struct backup){.changes = ARENA_ARRAY(a, struct change, lines),
                             .serials = ARENA_ARRAY(a, struct backup_serial, lines)};
        for (size_t i = 0; i + 1 < lines; i++, at = end + 1) {
                end = memchr(at, '\n', (size_t)(text + length - at));
                struct doc *line = parse_line(at, (size_t)(end - at), a);
                if (line && (i ? take_line(b, line) : take_head(b, line)))
                        continue;
                snprintf(error, error_size, "line %zu of the backup is not what a backup has", i + 1);
                return false;
        }
        return true;
}

bool backup_digest_check(const struct backup *b, char *error, size_t error_size)
{
        struct digester *d = digester_new();
        char found[DIGEST_TEXT];
        struct digest sum = {0};

        for (size_t i = 0; i < b->count; i++)
                digest_add(d, &sum, b->changes[i].kind, b->changes[i].key, b->changes[i].document);
        digester_free(d);
        if (!b->digest || !strcmp(b->digest, digest_text(&sum, found)))
                return true;
        snprintf(error, error_size,
                 "the backup says that its documents come to the digest %s, and they come to %s: it was made of a "
                 "store that was not as gslbd wrote it",
                 b->digest, found);
        return false;
}

/* --- what it changes --- */

struct missing {
        struct map *there; /* "kind/key" of the backup */
        struct arena *arena;
        struct change *changes;
        size_t count, capacity;
        enum kind kind;
};

static bool delete_missing(void *context, const char *key, const char *json, size_t length)
{
        struct missing *m = context;

        if (map_get(m->there, arena_printf(m->arena, "%s/%s", kind_name(m->kind), key)))
                return true;
        if (m->count == m->capacity) {
                struct change *old = m->changes;
                m->capacity = m->capacity * 2 + 64;
                m->changes = ARENA_ARRAY(m->arena, struct change, m->capacity);
                if (m->count)
                        memcpy(m->changes, old, m->count * sizeof(*old));
        }
        m->changes[m->count++] = (struct change){m->kind, arena_strdup(m->arena, key), NULL};
        return true;
}

bool backup_changes(struct store_txn *t, const struct backup *b, struct arena *a, struct change **changes,
                    size_t *count)
{
        struct missing m = {.there = map_new(), .arena = a};
        bool good = true;

        for (size_t i = 0; i < b->count; i++)
                map_set(m.there, arena_printf(a, "%s/%s", kind_name(b->changes[i].kind), b->changes[i].key),
                        (void *)b->changes);
        for (int k = 0; k < KIND_COUNT && good; k++) {
                m.kind = (enum kind)k;
                good = store_each(t, m.kind, NULL, delete_missing, &m);
        }
        map_free(m.there);
        *changes = ARENA_ARRAY(a, struct change, b->count + m.count + 1);
        if (m.count)
                memcpy(*changes, m.changes, m.count * sizeof(**changes));
        if (b->count)
                memcpy(*changes + m.count, b->changes, b->count * sizeof(**changes));
        *count = b->count + m.count;
        return good;
}
