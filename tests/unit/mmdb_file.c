#include "tests/unit/mmdb_file.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"

/* A record of a node: 0 nothing, above 0 the node of that number, below 0 data at offset -record - 1. */
struct node {
        int64_t records[2];
};

struct bytes {
        uint8_t *data;
        size_t count, capacity;
};

struct mmdb_file {
        unsigned ip_version, record_size;
        struct node *nodes;
        size_t node_count, node_capacity;
        struct bytes data;
};

enum type {
        TYPE_POINTER = 1,
        TYPE_TEXT = 2,
        TYPE_DOUBLE = 3,
        TYPE_UINT16 = 5,
        TYPE_UINT32 = 6,
        TYPE_MAP = 7,
        TYPE_UINT64 = 9,
        TYPE_ARRAY = 11
};

/* --- data --- */

static void put(struct bytes *b, const void *data, size_t size)
{
        if (b->count + size > b->capacity) {
                b->capacity = (b->count + size) * 2;
                b->data = memory_resize(b->data, b->capacity);
        }
        memcpy(b->data + b->count, data, size);
        b->count += size;
}

static void put_number(struct bytes *b, uint64_t n, unsigned size)
{
        for (unsigned i = size; i-- > 0;)
                put(b, &(uint8_t){(uint8_t)(n >> 8 * i)}, 1);
}

/* The control byte (and its companion for types above 7), and the size; sizes up to 284 are enough here. */
static void put_control(struct bytes *b, enum type type, unsigned size)
{
        unsigned inside = size < 29 ? size : 29;

        put_number(b, (type < 8 ? (unsigned)type << 5 : 0) | inside, 1);
        if (type >= 8)
                put_number(b, (unsigned)type - 7, 1);
        if (inside == 29)
                put_number(b, size - 29, 1);
}

static void put_text(struct bytes *b, const char *text)
{
        put_control(b, TYPE_TEXT, (unsigned)strlen(text));
        put(b, text, strlen(text));
}

uint32_t mmdb_file_at(const struct mmdb_file *f)
{
        return (uint32_t)f->data.count;
}

void mmdb_map(struct mmdb_file *f, unsigned pairs)
{
        put_control(&f->data, TYPE_MAP, pairs);
}

void mmdb_array(struct mmdb_file *f, unsigned items)
{
        put_control(&f->data, TYPE_ARRAY, items);
}

void mmdb_text(struct mmdb_file *f, const char *text)
{
        put_text(&f->data, text);
}

void mmdb_number(struct mmdb_file *f, uint32_t n)
{
        put_control(&f->data, TYPE_UINT32, 4);
        put_number(&f->data, n, 4);
}

void mmdb_double(struct mmdb_file *f, double d)
{
        uint64_t bits;

        memcpy(&bits, &d, sizeof(bits));
        put_control(&f->data, TYPE_DOUBLE, 8);
        put_number(&f->data, bits, 8);
}

void mmdb_pointer(struct mmdb_file *f, uint32_t offset)
{
        put_number(&f->data, TYPE_POINTER << 5 | 3 << 3, 1); /* the form with four bytes */
        put_number(&f->data, offset, 4);
}

void mmdb_bytes(struct mmdb_file *f, const void *data, size_t size)
{
        put(&f->data, data, size);
}

uint32_t mmdb_country(struct mmdb_file *f, const char *code)
{
        uint32_t at = mmdb_file_at(f);

        mmdb_map(f, 1);
        mmdb_text(f, "country");
        mmdb_map(f, 1);
        mmdb_text(f, "iso_code");
        mmdb_text(f, code);
        return at;
}

/* --- the tree --- */

static int64_t node_add(struct mmdb_file *f, int64_t both)
{
        if (f->node_count == f->node_capacity) {
                f->node_capacity = f->node_capacity ? f->node_capacity * 2 : 64;
                f->nodes = memory_resize(f->nodes, f->node_capacity * sizeof(*f->nodes));
        }
        f->nodes[f->node_count] = (struct node){{both, both}};
        return (int64_t)f->node_count++;
}

/* Puts `record` where the first `length` bits of `bits` lead, splitting what covers them. */
static void set_record(struct mmdb_file *f, const uint8_t bits[16], unsigned length, int64_t record)
{
        int64_t node = 0;

        for (unsigned depth = 0;; depth++) {
                unsigned side = bits[depth / 8] >> (7 - depth % 8) & 1;
                int64_t there = f->nodes[node].records[side];
                if (depth + 1 >= length) {
                        for (unsigned i = length ? side : 0; i <= (length ? side : 1); i++)
                                f->nodes[node].records[i] = record;
                        return;
                }
                if (there <= 0) {
                        there = node_add(f, there);
                        f->nodes[node].records[side] = there;
                }
                node = there;
        }
}

static unsigned place(const struct mmdb_file *f, const struct prefix *p, uint8_t bits[16])
{
        bool below = f->ip_version == 6 && p->address.family == ADDRESS_V4;

        memset(bits, 0, 16);
        memcpy(bits + (below ? 12 : 0), p->address.bytes, p->address.family == ADDRESS_V4 ? 4 : 16);
        return p->length + (below ? 96u : 0u);
}

void mmdb_file_insert(struct mmdb_file *f, const struct prefix *p, uint32_t data)
{
        uint8_t bits[16];
        unsigned length = place(f, p, bits);

        set_record(f, bits, length, -(int64_t)data - 1);
}

void mmdb_file_alias(struct mmdb_file *f, const struct prefix *p)
{
        int64_t node = 0;

        for (unsigned depth = 0; depth < 96; depth++) {
                int64_t *left = &f->nodes[node].records[0];
                if (*left <= 0) {
                        int64_t made = node_add(f, *left);
                        f->nodes[node].records[0] = made;
                        left = &f->nodes[node].records[0];
                }
                node = *left;
        }
        set_record(f, p->address.bytes, p->length, node);
}

/* --- the file --- */

static uint64_t written_record(const struct mmdb_file *f, int64_t record)
{
        if (!record)
                return f->node_count;
        return record > 0 ? (uint64_t)record : f->node_count + 16 + (uint64_t)(-record - 1);
}

static void put_node(struct bytes *b, unsigned record_size, uint64_t left, uint64_t right)
{
        if (record_size == 28) {
                put_number(b, left & 0xffffff, 3);
                put_number(b, (left >> 24 & 15) << 4 | (right >> 24 & 15), 1);
                put_number(b, right & 0xffffff, 3);
                return;
        }
        put_number(b, left, record_size / 8);
        put_number(b, right, record_size / 8);
}

static void put_metadata(struct bytes *b, const struct mmdb_file *f)
{
        const struct {
                const char *name;
                enum type type;
                uint64_t value;
                unsigned size;
        } numbers[] = {
                {"binary_format_major_version", TYPE_UINT16, 2, 2}, {"binary_format_minor_version", TYPE_UINT16, 0, 2},
                {"build_epoch", TYPE_UINT64, 1700000000, 8},        {"ip_version", TYPE_UINT16, f->ip_version, 2},
                {"node_count", TYPE_UINT32, f->node_count, 4},      {"record_size", TYPE_UINT16, f->record_size, 2}};

        put(b, "\xab\xcd\xefMaxMind.com", 14);
        put_control(b, TYPE_MAP, 9);
        for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
                put_text(b, numbers[i].name);
                put_control(b, numbers[i].type, numbers[i].size);
                put_number(b, numbers[i].value, numbers[i].size);
        }
        put_text(b, "database_type");
        put_text(b, "Test");
        put_text(b, "languages");
        put_control(b, TYPE_ARRAY, 1);
        put_text(b, "en");
        put_text(b, "description");
        put_control(b, TYPE_MAP, 1);
        put_text(b, "en");
        put_text(b, "made by a test");
}

void mmdb_file_write(const struct mmdb_file *f, const char *path)
{
        struct bytes b = {0};

        for (size_t i = 0; i < f->node_count; i++)
                put_node(&b, f->record_size, written_record(f, f->nodes[i].records[0]),
                         written_record(f, f->nodes[i].records[1]));
        put(&b, (uint8_t[16]){0}, 16);
        put(&b, f->data.data, f->data.count);
        put_metadata(&b, f);
        FILE *out = fopen(path, "wb");
        if (!out || fwrite(b.data, 1, b.count, out) != b.count || fclose(out)) {
                perror(path);
                exit(EXIT_FAILURE);
        }
        free(b.data);
}

struct mmdb_file *mmdb_file_new(unsigned ip_version, unsigned record_size)
{
        struct mmdb_file *f = memory_alloc(sizeof(*f));

        *f = (struct mmdb_file){.ip_version = ip_version, .record_size = record_size};
        node_add(f, 0);
        return f;
}

void mmdb_file_free(struct mmdb_file *f)
{
        free(f->nodes);
        free(f->data.data);
        free(f);
}
