#include "gslbd/answer/reply.h"

#include <string.h>
#include "zones/dns/name.h"
#include "zones/dns/wire.h"

static inline bool room(struct reply *r, size_t size)
{
        assert(r->at <= r->limit);
        if (reply_fits(r, size))
                return true;
        r->truncated = true;
        return false;
}

/* Copies a rendered record behind its owner; its pointers to the apex get the place that the apex has in this message.
 */
static inline void copy_rr(struct reply *r, const struct rr *rr)
{
        uint8_t *out = r->data + r->at;

        memcpy(out, rr->wire, rr->length);
        for (unsigned i = 0; i < RR_POINTERS_MAX; i++)
                if (rr->pointers[i])
                        wire_put16(out + rr->pointers[i], pointer_to(r->apex));
        r->at += rr->length;
}

static inline void put_pointer(struct reply *r, uint16_t owner)
{
        wire_put16(r->data + r->at, owner);
        r->at += 2;
}

size_t reply_rr(struct reply *r, enum section section, uint16_t owner, const struct rr *rr)
{
        size_t at = r->at;

        if (!room(r, 2u + rr->length))
                return 0;
        r->counts[section]++;
        put_pointer(r, owner);
        copy_rr(r, rr);
        return at + RR_FIXED;
}

bool reply_rrset(struct reply *r, enum section section, uint16_t owner, const struct rrset *set)
{
        if (!room(r, set->size + 2u * set->count))
                return false;
        for (unsigned i = 0; i < set->count; i++) {
                put_pointer(r, owner);
                copy_rr(r, &set->rrs[i]);
        }
        r->counts[section] = (uint16_t)(r->counts[section] + set->count);
        return true;
}

bool reply_rrset_named(struct reply *r, enum section section, const uint8_t *owner, const struct rrset *set)
{
        unsigned length = name_length(owner);

        if (!room(r, set->size + (size_t)length * set->count))
                return false;
        for (unsigned i = 0; i < set->count; i++) {
                memcpy(r->data + r->at, owner, length);
                r->at += length;
                copy_rr(r, &set->rrs[i]);
        }
        r->counts[section] = (uint16_t)(r->counts[section] + set->count);
        return true;
}

static size_t put_head(struct reply *r, enum section section, uint16_t owner, uint16_t type, uint16_t class,
                       uint32_t ttl, uint16_t rdata_length)
{
        uint8_t *out = r->data + r->at;

        out = wire_put16(out, owner);
        out = wire_put16(out, type);
        out = wire_put16(out, class);
        out = wire_put32(out, ttl);
        wire_put16(out, rdata_length);
        r->at += RR_FIXED;
        r->counts[section]++;
        return r->at;
}

size_t reply_record(struct reply *r, enum section section, uint16_t owner, uint16_t type, uint16_t class, uint32_t ttl,
                    const void *rdata, uint16_t rdata_length)
{
        if (!room(r, RR_FIXED + (size_t)rdata_length))
                return 0;
        size_t at = put_head(r, section, owner, type, class, ttl, rdata_length);
        memcpy(r->data + at, rdata, rdata_length);
        r->at += rdata_length;
        return at;
}

size_t reply_record_parts(struct reply *r, enum section section, uint16_t owner, uint16_t type, uint32_t ttl,
                          const struct reply_part *parts, unsigned count)
{
        size_t length = 0;

        for (unsigned i = 0; i < count; i++)
                length += parts[i].length;
        if (length > UINT16_MAX || !room(r, RR_FIXED + (size_t)length))
                return 0;
        size_t at = put_head(r, section, owner, type, CLASS_IN, ttl, (uint16_t)length);
        for (unsigned i = 0; i < count; i++) {
                memcpy(r->data + r->at, parts[i].data, parts[i].length);
                r->at += parts[i].length;
        }
        return at;
}
