#include "zones/load/serials.h"

#include <stdlib.h>
#include "base/hash.h"
#include "base/memory.h"
#include "zones/config/contents.h"

/* RFC 1982 3.2 */
static bool serial_above(uint32_t a, uint32_t b)
{
        return (int32_t)(a - b) > 0;
}

/* 0 means nothing to some secondaries. */
static uint32_t serial_or_one(uint64_t serial)
{
        return (uint32_t)serial ? (uint32_t)serial : 1;
}

/* Of a zone that the store has no serial of: the revision, which was every zone's serial once. */
static uint32_t first_serial(uint64_t number, const struct zone *z)
{
        uint32_t revision = serial_or_one(number), wanted = (uint32_t)z->soa.serial;

        return wanted && serial_above(wanted, revision) ? wanted : revision;
}

void serials_read(struct store_txn *txn, struct model *m)
{
        struct zone_serial kept;

        struct content_sum *sums = NULL;

        model_each (zone, z, m->zones, m->count[KIND_ZONES]) {
                bool known = store_serial(txn, z->name, &kept);
                z->serial = known ? kept.serial : first_serial(m->revision, z);
                if (!known && !sums) {
                        sums = memory_alloc(m->count[KIND_ZONES] * sizeof(*sums));
                        contents_sums(m, sums);
                }
                m->contents[z->number] =
                        known ? (struct content_sum){kept.contents[0], kept.contents[1]} : sums[z->number];
        }
        free(sums);
}

bool serial_is_above(struct store_txn *txn, const char *zone, const struct zone_serial *other)
{
        struct zone_serial kept;

        if (store_serial(txn, zone, &kept))
                return serial_above(other->serial, kept.serial);
        return !store_has(txn, KIND_ZONES, zone) || serial_above(other->serial, serial_or_one(store_revision(txn)));
}

bool serial_raise_from(struct zone_serial *kept, const struct zone *z, const struct content_sum *sum)
{
        uint32_t wanted = (uint32_t)z->soa.serial;
        bool changed = kept->contents[0] != sum->low || kept->contents[1] != sum->high;
        bool jump = wanted && serial_above(wanted, kept->serial);

        if (jump)
                kept->serial = wanted;
        else if (changed)
                kept->serial = serial_or_one((uint64_t)kept->serial + 1);
        kept->contents[0] = sum->low;
        kept->contents[1] = sum->high;
        return changed || jump;
}

bool serial_raise(struct store_txn *txn, uint64_t revision, const struct zone *z, const struct content_sum *sum,
                  struct zone_serial *kept)
{
        if (store_serial(txn, z->name, kept))
                return serial_raise_from(kept, z, sum);
        *kept = (struct zone_serial){first_serial(revision, z), {sum->low, sum->high}};
        return true;
}

struct serial_change *serials_raise(struct store_txn *txn, struct model *m, const struct serial_change *taken,
                                    size_t taken_count, struct arena *a, size_t *count)
{
        struct serial_change *list = ARENA_ARRAY(a, struct serial_change, taken_count + m->present[KIND_ZONES]);
        struct map *of_taken = map_new();

        for (*count = 0; *count < taken_count; (*count)++) {
                list[*count] = taken[*count];
                map_set(of_taken, taken[*count].zone, &list[*count]);
        }
        contents_sums(m, m->contents);
        model_each (zone, z, m->zones, m->count[KIND_ZONES]) {
                const struct content_sum *sum = &m->contents[z->number];
                struct serial_change *raised = map_get(of_taken, z->name);
                struct zone_serial kept;
                bool news = raised ? serial_raise_from(&raised->serial, z, sum)
                                   : serial_raise(txn, m->revision, z, sum, &kept);
                if (news && !raised)
                        list[(*count)++] = (struct serial_change){arena_strdup(a, z->name), kept};
                z->serial = raised ? raised->serial.serial : kept.serial;
        }
        map_free(of_taken);
        return list;
}
