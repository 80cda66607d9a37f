/* SVCB and HTTPS of a service (RFC 9460): the records are rendered before, their ipv4hint and ipv6hint are the
 * addresses that this client would get now, and those addresses go along in the additional section. */
#include "gslbd/answer/answer_bindings.h"

#include <string.h>

#define PARAM_HEAD 4 /* key and length */

#define TARGETS_MAX 4 /* different targets whose picks are kept for the additional section */

/* What one target's name would be answered with: one pick for all records that lead there. */
struct hinted {
        const struct node *target;
        uint16_t owner; /* for the additional section; 0: out of the zone, or out of reach of a pointer */
        uint32_t ttl;
        struct addresses {
                unsigned count;
                const uint8_t *list[ANSWERS_MAX > ADDRESSES_MAX ? ANSWERS_MAX : ADDRESSES_MAX];
        } v4, v6;
};

/* A SvcParam of hints in wire form. */
struct hint {
        uint8_t wire[PARAM_HEAD + sizeof(((struct addresses *)0)->list) / sizeof(uint8_t *) * 16];
        uint16_t length; /* 0: there are none */
};

/* The addresses that a host name is flattened to (ALIAS), if the target answers it so. */
static void take_flattened(struct asking *a, struct hinted *h, const struct target *t, uint16_t type,
                           struct addresses *out)
{
        const struct address_set *set = h->target->flags & NODE_FLATTEN ? target_addresses(t) : NULL;

        if (!set)
                return;
        asking_tell_stale(a, set);
        if (set->ttl < h->ttl)
                h->ttl = set->ttl;
        out->count = type == TYPE_A ? set->v4_count : set->v6_count;
        for (unsigned i = 0; i < out->count; i++)
                out->list[i] = type == TYPE_A ? set->v4[i] : set->v6[i];
}

static void pick_for(struct asking *a, struct hinted *h, uint16_t type, struct addresses *out)
{
        struct reply *r = a->reply;
        struct pick pick;

        out->count = 0;
        route_pick(node_route(h->target), type, &a->client, a->context->picker, &pick);
        reply_widen_scope(r, pick.scope);
        if (pick.ede) {
                r->ede = pick.ede;
                r->ede_text = pick.ede_text;
        }
        r->waiting |= pick.waiting;
        if (pick.rcode || !pick.count)
                return;
        if (pick.targets[0]->type != type) {
                take_flattened(a, h, pick.targets[0], type, out);
                return;
        }
        out->count = pick.count;
        for (unsigned i = 0; i < pick.count; i++)
                out->list[i] = pick.targets[i]->rdata;
}

static void make_hint(const struct addresses *addresses, unsigned key, unsigned size, struct hint *hint)
{
        uint8_t *out = hint->wire + PARAM_HEAD;

        hint->length = 0;
        if (!addresses->count)
                return;
        for (unsigned i = 0; i < addresses->count; i++, out += size)
                memcpy(out, addresses->list[i], size);
        const unsigned length = addresses->count * size;
        const uint8_t head[PARAM_HEAD] = {0, (uint8_t)key, (uint8_t)(length >> 8), (uint8_t)length};
        memcpy(hint->wire, head, PARAM_HEAD);
        hint->length = (uint16_t)(PARAM_HEAD + length);
}

/* RFC 9460 2.2: SvcParams in the order of their keys. Returns where the RDATA begins, 0 when it did not fit. */
static size_t write_record(struct asking *a, uint16_t type, const struct node_binding *b, uint32_t ttl,
                           const struct hinted *h)
{
        struct hint v4 = {.length = 0}, v6 = {.length = 0};

        if (h) {
                make_hint(&h->v4, SVC_IPV4HINT, 4, &v4);
                make_hint(&h->v6, SVC_IPV6HINT, 16, &v6);
        }
        const struct reply_part parts[] = {
                {b->rdata, b->ipv4hint_at},
                {v4.wire, v4.length},
                {b->rdata + b->ipv4hint_at, (uint16_t)(b->ipv6hint_at - b->ipv4hint_at)},
                {v6.wire, v6.length},
                {b->rdata + b->ipv6hint_at, (uint16_t)(b->length - b->ipv6hint_at)},
        };
        if (h && h->ttl < ttl)
                ttl = h->ttl;
        return reply_record_parts(a->reply, SECTION_ANSWER, a->owner, type, ttl, parts, 5);
}

/* RFC 9460 4.1: the addresses of TargetName go along; as much as fits, and none of another zone. */
static void add_addresses(struct asking *a, const struct hinted *h, uint16_t type, uint16_t size,
                          const struct addresses *addresses)
{
        for (unsigned i = 0; i < addresses->count && reply_fits(a->reply, RR_FIXED + (size_t)size); i++)
                reply_record(a->reply, SECTION_ADDITIONAL, h->owner, type, CLASS_IN, h->ttl, addresses->list[i], size);
}

/* Where the target's name stands in the reply: the owner's, or in the record just written. */
static uint16_t owner_of(const struct asking *a, const struct node *n, const struct node *target, size_t rdata_at)
{
        if (target == n)
                return a->owner;
        return target->zone == n->zone && rdata_at + 2 < COMPRESSED_REACH ? pointer_to(rdata_at + 2) : 0;
}

static struct hinted *hinted_of(struct asking *a, const struct node *target, struct hinted *list, unsigned *count)
{
        for (unsigned i = 0; i < *count; i++)
                if (list[i].target == target)
                        return &list[i];
        struct hinted *h = &list[*count == TARGETS_MAX ? TARGETS_MAX - 1 : (*count)++];
        asking_locate(a);
        h->target = target;
        h->owner = 0;
        h->ttl = node_service(target)->ttl;
        pick_for(a, h, TYPE_A, &h->v4);
        pick_for(a, h, TYPE_AAAA, &h->v6);
        return h;
}

void answer_bindings(struct asking *a, const struct node *n, const struct bindings *set, uint16_t type)
{
        struct hinted list[TARGETS_MAX];
        unsigned count = 0;

        counter_add(a->context->counters, COUNTER_REPLIES_SERVICE, 1);
        for (unsigned i = 0; i < set->count; i++) {
                const struct node_binding *b = &set->list[i];
                const struct node *target = snapshot_target(a->context->snapshot, n, b);
                struct hinted *h = target && node_route(target) ? hinted_of(a, target, list, &count) : NULL;
                size_t at = write_record(a, type, b, binding_ttl(n, target), h);
                if (!at)
                        return;
                if (h && !h->owner)
                        h->owner = owner_of(a, n, target, at);
        }
        for (unsigned i = 0; i < count; i++)
                if (list[i].owner) {
                        add_addresses(a, &list[i], TYPE_A, 4, &list[i].v4);
                        add_addresses(a, &list[i], TYPE_AAAA, 16, &list[i].v6);
                }
}
