#include "gslbd/answer/edns.h"

#include <string.h>
#include "zones/dns/name.h"
#include "zones/dns/wire.h"

#define OPT_FIXED     11
#define OPTION_HEAD   4
#define EDE_SIZE      2   /* the code, no text */
#define PADDING_BLOCK 468 /* RFC 8467 4.1 */
#define KEEPALIVE_MAX 65535u

static bool answers_cookie(const struct query *q, const struct answer_settings *s)
{
        return q->cookie && s->cookies.secret_count;
}

size_t edns_room(const struct query *q, const struct answer_settings *s)
{
        if (!q->edns)
                return 0;
        size_t size = OPT_FIXED + OPTION_HEAD + EDE_SIZE;
        if (q->ecs.present)
                size += OPTION_HEAD + 4u + (q->ecs.source + 7u) / 8;
        if (answers_cookie(q, s))
                size += OPTION_HEAD + COOKIE_SIZE;
        if (q->nsid && s->nsid)
                size += OPTION_HEAD + strlen(s->nsid);
        if (q->keepalive)
                size += OPTION_HEAD + 2;
        if (q->zoneversion)
                size += OPTION_HEAD + 6;
        return size;
}

/* Leaves out what does not fit. */
static void option(struct reply *r, uint16_t code, const void *data, size_t length)
{
        uint8_t *out = r->data + r->at;

        if (r->limit - r->at < OPTION_HEAD + length)
                return;
        wire_put16(out, code);
        wire_put16(out + 2, (unsigned)length);
        memcpy(out + OPTION_HEAD, data, length);
        r->at += OPTION_HEAD + length;
}

/* RFC 7871 7.2.1: what came, with the scope for which the answer is true. */
static void write_ecs(struct reply *r, const struct ecs *ecs)
{
        uint8_t data[4 + 16] = {(uint8_t)(ecs->family >> 8), (uint8_t)ecs->family, ecs->source,
                                ecs->source ? r->scope : 0};

        memcpy(data + 4, ecs->bytes, sizeof(ecs->bytes));
        option(r, OPTION_ECS, data, 4 + (ecs->source + 7u) / 8);
}

static void write_cookie(struct reply *r, const struct query *q, const struct answer_context *c,
                         const struct answer_peer *peer)
{
        uint8_t cookie[COOKIE_SIZE];

        cookie_make(&c->settings->cookies, q->cookie, &peer->address, c->now_s, cookie);
        option(r, OPTION_COOKIE, cookie, sizeof(cookie));
}

/* RFC 9660 3: only where the reply is of our authority. */
static void write_zoneversion(struct reply *r)
{
        uint8_t data[6] = {r->zone->labels, 0 /* SOA-SERIAL */};

        wire_put32(data + 2, r->zone->serial);
        option(r, OPTION_ZONEVERSION, data, sizeof(data));
}

/* RFC 8914 2 */
static void write_error(struct reply *r)
{
        uint8_t data[EDE_SIZE + EDE_TEXT_MAX];
        size_t text = r->ede_text ? strnlen(r->ede_text, EDE_TEXT_MAX) : 0;

        wire_put16(data, r->ede - 1u);
        if (text)
                memcpy(data + EDE_SIZE, r->ede_text, text);
        if (r->limit - r->at < OPTION_HEAD + EDE_SIZE + text)
                text = 0;
        option(r, OPTION_EDE, data, EDE_SIZE + text);
}

/* RFC 9567 5: with every reply, but not to reports themselves (8.2). */
static void write_report_channel(struct reply *r, const struct query *q, const uint8_t *agent)
{
        unsigned length = name_length(agent);

        if (q->name_length >= length && !memcmp(q->name + q->name_length - length, agent, length))
                return;
        option(r, OPTION_REPORT_CHANNEL, agent, length);
}

/* RFC 8467 4.1: to a multiple of 468 bytes, where encryption makes sense of it (RFC 7830 6). */
static void write_padding(struct reply *r)
{
        static const uint8_t zeros[PADDING_BLOCK];
        size_t size = r->at + OPTION_HEAD, padding = (PADDING_BLOCK - size % PADDING_BLOCK) % PADDING_BLOCK;

        option(r, OPTION_PADDING, zeros, size + padding <= r->limit ? padding : 0);
}

/* Options that few ask for. */
static void write_asked(struct reply *r, const struct query *q, const struct answer_settings *s,
                        enum transport transport)
{
        uint8_t timeout[2];

        if (q->nsid && s->nsid)
                option(r, OPTION_NSID, s->nsid, strlen(s->nsid));
        if (q->keepalive && s->tcp_idle_ms && transport != TRANSPORT_UDP) { /* RFC 7828 3.3.2 */
                wire_put16(timeout, s->tcp_idle_ms < KEEPALIVE_MAX * 100 ? s->tcp_idle_ms / 100 : KEEPALIVE_MAX);
                option(r, OPTION_KEEPALIVE, timeout, sizeof(timeout));
        }
        if (q->zoneversion && r->zone && r->flags & FLAG_AA)
                write_zoneversion(r);
}

/* Returns where OPT begins; its options follow, then end_opt. */
static inline uint8_t *begin_opt(struct reply *r, const struct query *q, size_t kept)
{
        uint8_t *opt = r->data + r->at;

        r->limit += kept;
        r->at += OPT_FIXED;
        opt[0] = 0; /* root */
        wire_put16(opt + 1, TYPE_OPT);
        wire_put16(opt + 3, ANSWER_UDP_MAX);
        opt[5] = (uint8_t)(r->rcode >> 4);               /* the upper 8 bits of the extended RCODE */
        opt[6] = 0;                                      /* version */
        wire_put16(opt + 7, q->dnssec_ok ? EDNS_DO : 0); /* RFC 3225 3: DO is copied */
        return opt;
}

static inline void end_opt(struct reply *r, uint8_t *opt)
{
        wire_put16(opt + 9, (unsigned)(r->data + r->at - opt) - OPT_FIXED);
        r->counts[SECTION_ADDITIONAL]++;
}

void edns_write(struct reply *r, const struct query *q, const struct answer_context *c, const struct answer_peer *peer,
                size_t kept)
{
        if (!kept)
                return;
        uint8_t *opt = begin_opt(r, q, kept);
        if (q->ecs.present)
                write_ecs(r, &q->ecs);
        if (answers_cookie(q, c->settings))
                write_cookie(r, q, c, peer);
        if (q->nsid | q->keepalive | q->zoneversion)
                write_asked(r, q, c->settings, peer->transport);
        if (r->ede)
                write_error(r);
        if (c->settings->report_agent)
                write_report_channel(r, q, c->settings->report_agent);
        if (q->padding && peer->transport == TRANSPORT_TLS)
                write_padding(r);
        end_opt(r, opt);
}

void edns_write_least(struct reply *r, const struct query *q, const struct answer_context *c,
                      const struct answer_peer *peer, size_t kept)
{
        if (!kept)
                return;
        uint8_t *opt = begin_opt(r, q, kept);
        if (answers_cookie(q, c->settings))
                write_cookie(r, q, c, peer);
        end_opt(r, opt);
}
