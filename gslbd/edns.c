#include "gslbd/edns.h"

#include <string.h>

#define OPT_FIXED    11
#define EDE_ROOM     6 /* option header and code, no text */
#define EDE_TEXT_MAX 100

static void put16(uint8_t *out, unsigned v)
{
        out[0] = (uint8_t)(v >> 8);
        out[1] = (uint8_t)v;
}

size_t edns_room(const struct query *q, const struct answer_settings *s)
{
        if (!q->edns)
                return 0;
        size_t size = OPT_FIXED + EDE_ROOM;
        if (q->ecs.present)
                size += 8u + (q->ecs.source + 7u) / 8;
        if (q->nsid && s->nsid)
                size += 4 + strlen(s->nsid);
        return size;
}

static uint8_t *option(uint8_t *out, uint16_t code, const void *data, size_t length)
{
        put16(out, code);
        put16(out + 2, (unsigned)length);
        memcpy(out + 4, data, length);
        return out + 4 + length;
}

/* RFC 7871 7.2.1: what came, with the scope for which the answer is true. */
static uint8_t *write_ecs(uint8_t *out, const struct ecs *ecs, uint8_t scope)
{
        uint8_t data[4 + 16] = {(uint8_t)(ecs->family >> 8), (uint8_t)ecs->family, ecs->source,
                                ecs->source ? scope : 0};
        unsigned bytes = (ecs->source + 7u) / 8;

        memcpy(data + 4, ecs->bytes, bytes);
        return option(out, OPTION_ECS, data, 4 + bytes);
}

/* RFC 8914 2: the code, and the text when there is room for it. */
static uint8_t *write_ede(uint8_t *out, const struct reply *r, size_t left)
{
        uint8_t data[2 + EDE_TEXT_MAX] = {(uint8_t)((r->ede - 1) >> 8), (uint8_t)(r->ede - 1)};
        size_t length = r->ede_text ? strlen(r->ede_text) : 0;

        if (length > EDE_TEXT_MAX || EDE_ROOM + length > left)
                length = 0;
        if (length)
                memcpy(data + 2, r->ede_text, length);
        return option(out, OPTION_EDE, data, 2 + length);
}

void edns_write(struct reply *r, const struct query *q, const struct answer_settings *s, size_t kept)
{
        if (!kept)
                return;
        uint8_t *opt = r->data + r->at, *out = opt + OPT_FIXED;

        r->limit += kept;
        opt[0] = 0; /* root */
        put16(opt + 1, TYPE_OPT);
        put16(opt + 3, ANSWER_UDP_MAX);
        opt[5] = (uint8_t)(r->rcode >> 4);         /* the upper 8 bits of the extended RCODE */
        opt[6] = 0;                                /* version */
        put16(opt + 7, q->dnssec_ok ? 0x8000 : 0); /* RFC 3225 3: DO is copied */
        if (q->ecs.present)
                out = write_ecs(out, &q->ecs, r->scope);
        if (q->nsid && s->nsid)
                out = option(out, OPTION_NSID, s->nsid, strlen(s->nsid));
        if (r->ede)
                out = write_ede(out, r, (size_t)(r->data + r->limit - out));
        put16(opt + 9, (unsigned)(out - opt) - OPT_FIXED);
        r->at = (size_t)(out - r->data);
        r->counts[SECTION_ADDITIONAL]++;
}
