#include "gslbd/answer/reply.h"

#include <string.h>

static inline void put16(uint8_t *out, unsigned v)
{
        out[0] = (uint8_t)(v >> 8);
        out[1] = (uint8_t)v;
}

static inline bool room(struct reply *r, size_t size)
{
        if (size <= r->limit - r->at)
                return true;
        r->truncated = true;
        return false;
}

/* Copies a rendered record; its pointers to the apex get the place that the apex has in this message. */
static inline size_t copy_rr(struct reply *r, uint16_t owner, const struct rr *rr)
{
        uint8_t *out = r->data + r->at;

        put16(out, owner);
        memcpy(out + 2, rr->wire, rr->length);
        for (unsigned i = 0; i < RR_POINTERS_MAX; i++)
                if (rr->pointers[i])
                        put16(out + 2 + rr->pointers[i], pointer_to(r->apex));
        size_t rdata = r->at + 12;
        r->at += 2u + rr->length;
        return rdata;
}

size_t reply_rr(struct reply *r, enum section section, uint16_t owner, const struct rr *rr)
{
        if (!room(r, 2u + rr->length))
                return 0;
        r->counts[section]++;
        return copy_rr(r, owner, rr);
}

bool reply_rrset(struct reply *r, enum section section, uint16_t owner, const struct rrset *set)
{
        if (!room(r, set->size + 2u * set->count))
                return false;
        for (unsigned i = 0; i < set->count; i++)
                copy_rr(r, owner, &set->rrs[i]);
        r->counts[section] = (uint16_t)(r->counts[section] + set->count);
        return true;
}

bool reply_fits(const struct reply *r, size_t rdata_length)
{
        return 12u + rdata_length <= r->limit - r->at;
}

static size_t put_head(struct reply *r, enum section section, uint16_t owner, uint16_t type, uint16_t class,
                       uint32_t ttl, uint16_t rdata_length)
{
        uint8_t *out = r->data + r->at;

        put16(out, owner);
        put16(out + 2, type);
        put16(out + 4, class);
        put16(out + 6, ttl >> 16);
        put16(out + 8, ttl & 0xffff);
        put16(out + 10, rdata_length);
        r->at += 12;
        r->counts[section]++;
        return r->at;
}

size_t reply_record(struct reply *r, enum section section, uint16_t owner, uint16_t type, uint16_t class, uint32_t ttl,
                    const void *rdata, uint16_t rdata_length)
{
        if (!room(r, 12u + rdata_length))
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
        if (length > UINT16_MAX || !room(r, 12u + length))
                return 0;
        size_t at = put_head(r, section, owner, type, CLASS_IN, ttl, (uint16_t)length);
        for (unsigned i = 0; i < count; i++) {
                memcpy(r->data + r->at, parts[i].data, parts[i].length);
                r->at += parts[i].length;
        }
        return at;
}
