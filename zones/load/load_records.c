/* The records of a zone: owners, types, RDATA, and what may stand beside what (RFC 1034 3.6.2, RFC 2181, RFC 6672). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "zones/load/load_private.h"
#include "zones/dns/name.h"
#include "zones/dns/numbers.h"
#include "zones/dns/rdata.h"

/* One record's place in the order of owners. */
struct placed {
        const struct record *record;
        uint32_t index;
};

static void problem(struct problems *problems, const struct zone *z, uint32_t index, const char *member,
                    const char *message)
{
        char rest[60];

        snprintf(rest, sizeof(rest), "records[%u]%s%s", index, *member ? "." : "", member);
        model_problem(problems, KIND_ZONES, z->name, rest, "%s", message);
}

static bool check_owner(const struct zone *z, const struct record_text *text, struct record *r, uint32_t index,
                        struct problems *problems)
{
        uint8_t wire[NAME_WIRE_MAX];
        const char *why = "";
        char message[1400];
        unsigned length = name_parse(text->name, z->wire, wire, &why);

        if (!length || !name_within(wire, z->wire)) {
                snprintf(message, sizeof(message), "expected a name in the zone, got \"%s\"%s%s", text->name,
                         length ? "" : ": ", length ? "" : why);
                problem(problems, z, index, "name", message);
                return false;
        }
        r->owner = memcpy(arena_bytes(z->arena, length), wire, length);
        return true;
}

static bool check_type(const struct zone *z, const struct record_text *text, struct record *r, uint32_t index,
                       struct problems *problems)
{
        bool apex = name_equal(r->owner, z->wire);
        const char *message = NULL;

        r->type = rdata_type(text->type);
        if (!r->type)
                message = "expected a record type such as A, MX, TXT or TYPE65280";
        else if (r->type == TYPE_SOA)
                message = "the SOA record comes from the zone's `soa`";
        else if (r->type == TYPE_NS && apex)
                message = "the zone's name servers come from its `ns`";
        else if (r->type == TYPE_CNAME && apex)
                message = "a CNAME cannot stand at the apex; a service can";
        else if (r->type == TYPE_DS && apex)
                message = "DS stands in the parent zone";
        if (message)
                problem(problems, z, index, "type", message);
        return !message;
}

/* Header, question, the options and signature that an answer may carry. */
#define MESSAGE_REST 1024
#define RR_FIXED     12 /* a compressed owner, type, class, TTL, length */

/* What no message can hold no client ever gets. */
static void check_size(const struct zone *z, const struct record *r, uint32_t index, struct problems *problems)
{
        size_t size = MESSAGE_REST;
        char message[100];

        for (uint32_t i = 0; i < r->count; i++)
                size += r->rdata[i] ? RR_FIXED + ((size_t)r->rdata[i][0] << 8 | r->rdata[i][1]) : 0;
        if (size <= UINT16_MAX)
                return;
        snprintf(message, sizeof(message), "expected data that fits in a message of 64 KiB, got %zu bytes",
                 size - MESSAGE_REST);
        problem(problems, z, index, "data", message);
}

/* Of both behind their lengths. */
static bool rdata_equal(const uint8_t *a, const uint8_t *b)
{
        return a[0] == b[0] && a[1] == b[1] && !memcmp(a + 2, b + 2, (size_t)a[0] << 8 | a[1]);
}

static void check_data(const struct zone *z, const struct record_text *text, struct record *r, uint32_t index,
                       struct problems *problems)
{
        const char *const *texts = text->data.items;
        char error[300], member[40], message[1500];

        r->rdata = ARENA_ARRAY(z->arena, const uint8_t *, r->count);
        if (!r->count)
                problem(problems, z, index, "data", "expected at least one");
        if (r->count > 1 && (r->type == TYPE_CNAME || r->type == TYPE_DNAME))
                problem(problems, z, index, "data", "expected one, a CNAME or DNAME has one target");
        for (uint32_t i = 0; i < r->count; i++) {
                r->rdata[i] = rdata_parse(r->type, texts[i], z->wire, z->arena, error, sizeof(error));
                snprintf(member, sizeof(member), "data[%u]", i);
                if (!r->rdata[i]) {
                        snprintf(message, sizeof(message), "expected %s data, got \"%.800s\": %s", text->type, texts[i],
                                 error);
                        problem(problems, z, index, member, message);
                        continue;
                }
                for (uint32_t j = 0; j < i; j++)
                        if (r->rdata[j] && rdata_equal(r->rdata[i], r->rdata[j]))
                                problem(problems, z, index, member, "the same record stands twice");
        }
        check_size(z, r, index, problems);
}

int zone_owner_order(const uint8_t *a, const uint8_t *b)
{
        unsigned na = name_length(a), nb = name_length(b);
        int order = memcmp(a, b, na < nb ? na : nb);

        return order ? order : (int)na - (int)nb;
}

static int compare_placed(const void *a, const void *b)
{
        const struct record *x = ((const struct placed *)a)->record, *y = ((const struct placed *)b)->record;
        int order = zone_owner_order(x->owner, y->owner);

        return order ? order : (int)x->type - (int)y->type;
}

/* Records of one owner stand together: `from` to `to`. */
static void check_together(const struct zone *z, const struct placed *from, const struct placed *to,
                           struct problems *problems)
{
        for (const struct placed *p = from + 1; p < to; p++)
                if (p->record->type == p[-1].record->type)
                        problem(problems, z, p->index, "",
                                "this owner has a record of this type already; give all data in one");
        for (const struct placed *p = from; p < to; p++)
                if (p->record->type == TYPE_CNAME && to - from > 1)
                        problem(problems, z, p->index, "",
                                "a CNAME cannot stand beside other records of the same name");
}

static void check_owners(struct zone *z, struct problems *problems)
{
        const struct record *records = z->records.items;
        uint32_t count = z->records.count;
        struct placed *order = malloc((count + 1) * sizeof(*order));

        if (!order)
                return;
        for (uint32_t i = 0; i < count; i++)
                order[i] = (struct placed){&records[i], i};
        qsort(order, count, sizeof(*order), compare_placed);
        for (uint32_t from = 0, to; from < count; from = to) {
                for (to = from + 1; to < count && name_equal(order[from].record->owner, order[to].record->owner);)
                        to++;
                check_together(z, order + from, order + to, problems);
                z->owner_count++;
        }
        z->by_owner = ARENA_ARRAY(z->arena, uint32_t, count);
        for (uint32_t i = 0; i < count; i++)
                z->by_owner[i] = order[i].index;
        free(order);
}

void zone_records_check(struct zone *z, struct problems *problems)
{
        size_t before = problems->count;

        z->records.count = z->written.count;
        z->records.items = ARENA_ARRAY(z->arena, struct record, z->records.count);
        for (uint32_t i = 0; i < z->records.count; i++) {
                const struct record_text *text = &z->written.items[i];
                struct record *r = &z->records.items[i];
                r->ttl = (uint32_t)(text->ttl < 0 ? z->ttl : text->ttl);
                r->count = (uint16_t)text->data.count;
                if (check_owner(z, text, r, i, problems) && check_type(z, text, r, i, problems))
                        check_data(z, text, r, i, problems);
        }
        if (problems->count == before)
                check_owners(z, problems);
}

/* Where the records of an owner begin in the order of owners, when it has any. */
static uint32_t first_of_owner(const struct zone *z, const uint8_t *owner)
{
        const struct record *records = z->records.items, wanted = {.owner = owner};
        uint32_t low = 0, high = z->records.count;

        while (low < high) {
                uint32_t middle = low + (high - low) / 2;
                const struct placed at = {&records[z->by_owner[middle]], 0}, sought = {&wanted, 0};
                if (compare_placed(&at, &sought) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

/* Among the records of an owner, the first of one of these types. */
static uint32_t record_among(const struct zone *z, const uint8_t *owner, const uint16_t *types, unsigned type_count)
{
        const struct record *records = z->records.items;

        if (!z->by_owner) /* without an order the zone has problems of its own */
                return MODEL_NONE;
        for (uint32_t at = first_of_owner(z, owner); at < z->records.count; at++) {
                const struct record *r = &records[z->by_owner[at]];
                if (!name_equal(r->owner, owner))
                        break;
                for (unsigned i = 0; i < type_count; i++)
                        if (r->type == types[i])
                                return z->by_owner[at];
        }
        return MODEL_NONE;
}

uint32_t zone_any_record(const struct zone *z, const uint8_t *owner)
{
        const struct record *records = z->records.items;
        uint32_t at = z->by_owner ? first_of_owner(z, owner) : z->records.count;

        return at < z->records.count && name_equal(records[z->by_owner[at]].owner, owner) ? z->by_owner[at]
                                                                                          : MODEL_NONE;
}

uint32_t zone_address_record(const struct zone *z, const uint8_t *owner)
{
        static const uint16_t types[] = {TYPE_A, TYPE_AAAA, TYPE_CNAME};

        return record_among(z, owner, types, 3);
}

uint32_t zone_record_of_type(const struct zone *z, const uint8_t *owner, uint16_t type)
{
        return record_among(z, owner, &type, 1);
}

const uint32_t *zone_records_of(const struct zone *z, const uint8_t *owner, uint32_t *count)
{
        uint32_t first = z->by_owner ? first_of_owner(z, owner) : z->records.count, end = first;

        while (end < z->records.count && name_equal(z->records.items[z->by_owner[end]].owner, owner))
                end++;
        *count = end - first;
        return z->by_owner + first;
}
