#include "probes/prober/kept.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buffer.h"
#include "base/hash.h"
#include "base/memory.h"

#define TAG_FORMAT    "\"d1-%016llx%016llx\""
#define KEY_DIGITS_AT 4 /* within it: of the digest, the higher half first */
#define KEY_DIGITS    32
#define TEXT_MAX      ((size_t)64 << 20)
#define SEEN          64 /* originals that are known by their place */

struct kept_monitor {
        struct monitor monitor; /* the first, so that a check leads to it */
        struct plan_digest digest;
        struct arena *arena;
        uint32_t users;
        char key[40];
};

struct kept_check {
        struct plan_digest digest;
        uint32_t owners;
        struct check check; /* what it points to follows, but for monitors */
};

struct kept {
        struct map *monitors; /* by digest: struct kept_monitor */
        struct seen {
                const struct monitor *original;
                struct kept_monitor *monitor;
        } seen[SEEN];
        struct buffer text;
};

char *digest_write(struct plan_digest d, char out[PLAN_TAG_MAX])
{
        snprintf(out, PLAN_TAG_MAX, TAG_FORMAT, (unsigned long long)d.high, (unsigned long long)d.low);
        return out;
}

bool digest_read(const char *tag, struct plan_digest *d)
{
        unsigned long long high, low;
        char again[PLAN_TAG_MAX];

        if (sscanf(tag, "\"d1-%16llx%16llx\"", &high, &low) != 2)
                return false;
        *d = (struct plan_digest){low, high};
        return !strcmp(digest_write(*d, again), tag);
}

static struct plan_digest digest_of(const void *bytes, size_t length)
{
        return (struct plan_digest){hash_bytes(bytes, length, 1), hash_bytes(bytes, length, 2)};
}

struct kept *kept_new(void)
{
        struct kept *k = memory_alloc(sizeof(*k));

        k->monitors = map_new();
        k->text = (struct buffer)BUFFER_INIT(TEXT_MAX);
        return k;
}

void kept_free(struct kept *k)
{
        if (!k)
                return;
        assert(!map_count(k->monitors));
        map_free(k->monitors);
        buffer_free(&k->text);
        free(k);
}

/* --- monitors --- */

static struct plan_digest monitor_digest(struct kept *k, const struct monitor *m)
{
        k->text.length = 0;
        doc_write_json(m->doc, &k->text, 0);
        return digest_of(k->text.data, k->text.length);
}

static struct kept_monitor *monitor_new(const struct monitor *original, struct plan_digest digest)
{
        struct arena *a = arena_new(0);
        struct kept_monitor *m = ARENA_NEW(a, struct kept_monitor);
        struct problems none = PROBLEMS_INIT;
        bool good = schema_decode(&monitor_schema, doc_copy(a, original->doc), a, &m->monitor, &none);

        assert(good); /* as it was for the original */
        (void)good;
        problems_free(&none);
        m->arena = a;
        m->digest = digest;
        digest_write(digest, m->key);
        return m;
}

void kept_forget(struct kept *k)
{
        memset(k->seen, 0, sizeof(k->seen));
}

static struct seen *seen_at(struct kept *k, const struct monitor *original)
{
        return &k->seen[hash_mix((uintptr_t)original) % SEEN];
}

/* NULL: none says the same. */
static struct kept_monitor *monitor_find(struct kept *k, const struct monitor *original, struct plan_digest *digest)
{
        struct seen *seen = seen_at(k, original);
        char key[PLAN_TAG_MAX];

        if (seen->original != original) {
                *digest = monitor_digest(k, original);
                *seen = (struct seen){original, map_get(k->monitors, digest_write(*digest, key))};
                if (!seen->monitor)
                        seen->original = NULL;
        }
        return seen->monitor;
}

static const struct monitor *monitor_take(struct kept *k, const struct monitor *original)
{
        struct plan_digest digest;
        struct kept_monitor *m = monitor_find(k, original, &digest);

        if (!m) {
                m = monitor_new(original, digest);
                map_set(k->monitors, m->key, m);
                *seen_at(k, original) = (struct seen){original, m};
        }
        m->users++;
        return &m->monitor;
}

static void monitor_release(struct kept *k, const struct monitor *monitor)
{
        struct kept_monitor *m = (struct kept_monitor *)monitor;

        if (--m->users)
                return;
        map_remove(k->monitors, m->key);
        for (size_t i = 0; i < SEEN; i++)
                if (k->seen[i].monitor == m)
                        k->seen[i] = (struct seen){NULL, NULL};
        arena_free(m->arena);
}

/* --- checks --- */

static size_t aligned(size_t size)
{
        return (size + 7) & ~(size_t)7;
}

/* What a copy points to; `is_part`: its id is that of the whole. */
static size_t size_of(const struct check *c, bool is_part)
{
        size_t size = aligned(c->part_count * sizeof(*c->parts)) + aligned(c->prober_count * sizeof(*c->probers));

        size += is_part ? 0 : aligned(strlen(c->id) + 1);
        size += c->host_name ? aligned(strlen(c->host_name) + 1) : 0;
        for (uint32_t i = 0; i < c->prober_count; i++)
                size += aligned(strlen(c->probers[i]) + 1);
        for (uint32_t i = 0; i < c->part_count; i++)
                size += size_of(&c->parts[i], true);
        return size;
}

static void *carve(char **room, size_t size)
{
        void *piece = *room;

        *room += aligned(size);
        return piece;
}

static const char *carve_text(char **room, const char *text)
{
        size_t size = strlen(text) + 1;

        return memcpy(carve(room, size), text, size);
}

static void copy(struct kept *k, const struct check *c, const char *id, struct check *to, char **room)
{
        struct check *parts = carve(room, c->part_count * sizeof(*parts));
        const char **probers = carve(room, c->prober_count * sizeof(*probers));

        *to = *c;
        to->id = id ? id : carve_text(room, c->id);
        to->host_name = c->host_name ? carve_text(room, c->host_name) : NULL;
        to->monitor = monitor_take(k, c->monitor);
        for (uint32_t i = 0; i < c->prober_count; i++)
                probers[i] = carve_text(room, c->probers[i]);
        to->probers = probers;
        for (uint32_t i = 0; i < c->part_count; i++)
                copy(k, &c->parts[i], to->id, &parts[i], room);
        to->parts = parts;
}

static void write_for_digest(struct buffer *b, const struct check *c)
{
        char address[ADDRESS_TEXT_MAX];

        buffer_bytes(b, ((const struct kept_monitor *)c->monitor)->key + KEY_DIGITS_AT, KEY_DIGITS);
        buffer_text(b, " ");
        buffer_text(b, c->host_name ? c->host_name : address_format(&c->address, address));
        buffer_text(b, " ");
        buffer_number(b, c->port);
        buffer_text(b, " ");
        buffer_number(b, c->part_count);
        buffer_text(b, "\n");
        for (uint32_t i = 0; i < c->part_count; i++)
                write_for_digest(b, &c->parts[i]);
}

const struct check *kept_take(struct kept *k, const struct check *c)
{
        struct kept_check *one = memory_alloc(sizeof(*one) + size_of(c, false));
        char *room = (char *)(one + 1);

        one->owners = 1;
        copy(k, c, NULL, &one->check, &room);
        k->text.length = 0;
        buffer_text(&k->text, one->check.id);
        buffer_text(&k->text, "\n");
        write_for_digest(&k->text, &one->check);
        one->digest = digest_of(k->text.data, k->text.length);
        return &one->check;
}

static struct kept_check *kept_of(const struct check *c)
{
        return (struct kept_check *)((char *)(uintptr_t)c - offsetof(struct kept_check, check));
}

const struct check *kept_share(const struct check *c)
{
        kept_of(c)->owners++;
        return c;
}

static void release_monitors(struct kept *k, const struct check *c)
{
        for (uint32_t i = 0; i < c->part_count; i++)
                release_monitors(k, &c->parts[i]);
        monitor_release(k, c->monitor);
}

void kept_release(struct kept *k, const struct check *c)
{
        struct kept_check *one = kept_of(c);

        if (--one->owners)
                return;
        release_monitors(k, c);
        free(one);
}

struct plan_digest kept_digest(const struct check *c)
{
        return kept_of(c)->digest;
}

/* --- equality --- */

static bool same_text(const char *a, const char *b)
{
        return a == b || (a && b && !strcmp(a, b));
}

static bool same_target(struct kept *k, const struct check *a, const struct check *b)
{
        struct plan_digest unused;

        if (a->port != b->port || a->part_count != b->part_count || !same_text(a->host_name, b->host_name) ||
            !address_equal(&a->address, &b->address) ||
            monitor_find(k, b->monitor, &unused) != (const struct kept_monitor *)a->monitor)
                return false;
        for (uint32_t i = 0; i < a->part_count; i++)
                if (!same_target(k, &a->parts[i], &b->parts[i]))
                        return false;
        return true;
}

bool kept_equal(struct kept *k, const struct check *a, const struct check *b)
{
        if (a->number != b->number || a->prober_count != b->prober_count || strcmp(a->id, b->id) != 0)
                return false;
        for (uint32_t i = 0; i < a->prober_count; i++)
                if (strcmp(a->probers[i], b->probers[i]) != 0)
                        return false;
        return same_target(k, a, b);
}
