#include "gslbd/reply.h"

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

size_t reply_record(struct reply *r, enum section section, uint16_t owner, uint16_t type, uint16_t class, uint32_t ttl,
                    const void *rdata, uint16_t rdata_length)
{
        if (!room(r, 12u + rdata_length))
                return 0;
        uint8_t *out = r->data + r->at;
        put16(out, owner);
        put16(out + 2, type);
        put16(out + 4, class);
        put16(out + 6, ttl >> 16);
        put16(out + 8, ttl & 0xffff);
        put16(out + 10, rdata_length);
        memcpy(out + 12, rdata, rdata_length);
        size_t at = r->at + 12;
        r->at += 12u + rdata_length;
        r->counts[section]++;
        return at;
}
