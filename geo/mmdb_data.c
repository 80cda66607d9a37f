#include "geo/mmdb_data.h"

#include <stdbool.h>
#include <stddef.h>

enum type {
        TYPE_EXTENDED = 0,
        TYPE_POINTER = 1,
        TYPE_TEXT = 2,
        TYPE_DOUBLE = 3,
        TYPE_BYTES = 4,
        TYPE_UINT16 = 5,
        TYPE_UINT32 = 6,
        TYPE_MAP = 7,
        TYPE_INT32 = 8,
        TYPE_UINT64 = 9,
        TYPE_UINT128 = 10,
        TYPE_ARRAY = 11,
        TYPE_BOOLEAN = 14,
        TYPE_FLOAT = 15
};

static const char cut_off[] = "it ends in the middle of a value";

struct checking {
        struct mmdb_data *data;
        uint64_t at;     /* behind what was read */
        unsigned values; /* that this record may still have */
};

/* A control byte and what belongs to it. For a pointer `size` is where it leads. */
struct value {
        enum type type;
        uint64_t size;
};

static bool read_number(struct checking *c, unsigned size, uint64_t *out)
{
        const struct mmdb_data *d = c->data;

        if (size > d->size || c->at > d->size - size)
                return false;
        for (*out = 0; size--; c->at++)
                *out = *out << 8 | d->bytes[c->at];
        return true;
}

static bool read_size(struct checking *c, uint64_t *size)
{
        static const uint64_t more[] = {29, 285, 65821};
        unsigned bytes;

        if (*size < 29)
                return true;
        bytes = (unsigned)*size - 28;
        if (!read_number(c, bytes, size))
                return false;
        *size += more[bytes - 1];
        return true;
}

static bool read_pointer(struct checking *c, unsigned bits, uint64_t *to)
{
        static const uint64_t more[] = {0, 2048, 526336, 0};
        unsigned form = bits >> 3;

        if (!read_number(c, form + 1, to))
                return false;
        if (form < 3)
                *to += ((uint64_t)(bits & 7) << 8 * (form + 1)) + more[form];
        return true;
}

static const char *read_value(struct checking *c, struct value *v)
{
        uint64_t control, extended;

        if (!c->values || !c->data->budget)
                return "it has more parts than a record may have, or loops";
        c->values--;
        c->data->budget--;
        if (!read_number(c, 1, &control))
                return cut_off;
        v->type = control >> 5;
        v->size = control & 31;
        if (v->type == TYPE_POINTER)
                return read_pointer(c, (unsigned)v->size, &v->size) ? NULL : cut_off;
        if (v->type == TYPE_EXTENDED) {
                if (!read_number(c, 1, &extended))
                        return cut_off;
                v->type = (enum type)(extended + 7);
        }
        return read_size(c, &v->size) ? NULL : cut_off;
}

/* The bytes that a value of this type and size takes, or -1 when there is no such value. */
static int64_t payload(const struct value *v)
{
        static const struct {
                uint8_t most;
                bool exact;
        } sizes[] = {[TYPE_DOUBLE] = {8, true}, [TYPE_UINT16] = {2, false}, [TYPE_UINT32] = {4, false},
                     [TYPE_INT32] = {4, false}, [TYPE_UINT64] = {8, false}, [TYPE_UINT128] = {16, false},
                     [TYPE_FLOAT] = {4, true}};

        if (v->type == TYPE_TEXT || v->type == TYPE_BYTES)
                return (int64_t)v->size;
        if (v->type == TYPE_BOOLEAN)
                return v->size <= 1 ? 0 : -1;
        if (v->type > TYPE_FLOAT || !sizes[v->type].most)
                return -1;
        return v->size == sizes[v->type].most || (!sizes[v->type].exact && v->size < sizes[v->type].most)
                       ? (int64_t)v->size
                       : -1;
}

static const char *check_value(struct checking *c, unsigned depth, bool key, bool pointed);

/* What a pointer leads to; reading goes on behind the pointer. */
static const char *check_target(struct checking *c, uint64_t to, unsigned depth, bool key)
{
        uint8_t *checked = key ? NULL : c->data->checked;
        uint64_t back = c->at;

        if (to >= c->data->size)
                return "a pointer leads out of the file";
        if (checked && checked[to / 8] & 1 << to % 8)
                return NULL;
        c->at = to;
        const char *wrong = check_value(c, depth + 1, key, true);
        c->at = back;
        if (!wrong && checked)
                checked[to / 8] |= (uint8_t)(1 << to % 8);
        return wrong;
}

static const char *check_value(struct checking *c, unsigned depth, bool key, bool pointed)
{
        struct value v;
        const char *wrong = read_value(c, &v);

        if (wrong)
                return wrong;
        if (depth > MMDB_RECORD_DEPTH_MAX)
                return "it is nested too deeply, or loops";
        if (v.type == TYPE_POINTER)
                return pointed ? "a pointer leads to a pointer" : check_target(c, v.size, depth, key);
        if (key && v.type != TYPE_TEXT)
                return "a key of a map is no text";
        if (v.type == TYPE_MAP || v.type == TYPE_ARRAY) {
                for (uint64_t i = 0; i < v.size && !wrong; i++) {
                        if (v.type == TYPE_MAP)
                                wrong = check_value(c, depth + 1, true, false);
                        wrong = wrong ? wrong : check_value(c, depth + 1, false, false);
                }
                return wrong;
        }
        int64_t bytes = payload(&v);
        if (bytes < 0)
                return "it has a value of an unknown type or a wrong size";
        if ((uint64_t)bytes > c->data->size - c->at)
                return cut_off;
        c->at += (uint64_t)bytes;
        return NULL;
}

const char *mmdb_data_check(struct mmdb_data *data, uint64_t offset)
{
        struct checking c = {data, offset, MMDB_RECORD_VALUES_MAX};

        return check_target(&c, offset, 0, false);
}
