/* gslbd/answer/reply.h: writing a reply into a buffer with a limit. Answer path.
 *
 * Everything that does not fit sets `truncated` and is left out whole; the caller decides what that means. */
#ifndef GSLBD_ANSWER_REPLY_H
#define GSLBD_ANSWER_REPLY_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "zones/answers/snapshot.h"
#include "zones/dns/numbers.h"

#define EDE_TEXT_MAX 120

enum section { SECTION_ANSWER, SECTION_AUTHORITY, SECTION_ADDITIONAL, SECTION_COUNT };

struct reply {
        uint8_t *data;
        size_t at, limit; /* the limit leaves room for OPT */
        uint16_t flags;
        uint16_t rcode; /* extended: 12 bits */
        uint16_t counts[SECTION_COUNT];
        bool truncated;
        bool waiting;                 /* rcode says SERVFAIL, and a little later it would not */
        uint16_t apex;                /* where the zone's name begins in the question */
        uint8_t scope;                /* of ECS */
        uint16_t ede;                 /* RFC 8914 code + 1; 0: none */
        const char *ede_text;         /* with ede: static text for people, of which EDE_TEXT_MAX are sent; or NULL */
        const struct zone_data *zone; /* that answers; or NULL */
        const struct node *of; /* the node of the question that answers: the name's own, or one for many; or NULL */
};

/* A pointer to a place in the message, as an owner. */
static inline uint16_t pointer_to(size_t at)
{
        assert(at < COMPRESSED_REACH);
        return (uint16_t)(COMPRESSED | at);
}

#define POINTER_TO_QUESTION (COMPRESSED | HEADER_SIZE)
#define RR_FIXED            12 /* bytes of a record before its RDATA, with a pointer as owner */

/* The widest scope for which all that was picked on the way is true: the longest. */
static inline void reply_widen_scope(struct reply *r, uint8_t scope)
{
        if (scope > r->scope)
                r->scope = scope;
}

/* One record behind an owner pointer. Returns where its RDATA begins, 0 when it did not fit. */
size_t reply_rr(struct reply *, enum section, uint16_t owner, const struct rr *);
/* All records of a set, or none. */
bool reply_rrset(struct reply *, enum section, uint16_t owner, const struct rrset *);
/* The same with the owner's name in full, where no pointer reaches it. */
bool reply_rrset_named(struct reply *, enum section, const uint8_t *owner, const struct rrset *);
/* A record from its parts. */
size_t reply_record(struct reply *, enum section, uint16_t owner, uint16_t type, uint16_t class, uint32_t ttl,
                    const void *rdata, uint16_t rdata_length);

/* A record whose RDATA comes in pieces. */
struct reply_part {
        const void *data;
        uint16_t length;
};
size_t reply_record_parts(struct reply *, enum section, uint16_t owner, uint16_t type, uint32_t ttl,
                          const struct reply_part *, unsigned count);
/* Whether that many bytes fit; `truncated` stays as it is. */
static inline bool reply_fits(const struct reply *r, size_t size)
{
        return size <= r->limit - r->at;
}

#endif
