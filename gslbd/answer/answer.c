#include "gslbd/answer/answer.h"

#include <assert.h>
#include <string.h>
#include "gslbd/answer/answer_chaos.h"
#include "gslbd/answer/answer_zone.h"
#include "gslbd/answer/asking.h"
#include "gslbd/answer/edns.h"
#include "zones/dns/wire.h"

#define UDP_PLAIN_MAX 512 /* RFC 1035 4.2.1 */

static inline void finish_header(struct reply *r, const uint8_t *request, bool question)
{
        uint8_t *h = r->data;

        h[0] = request[0];
        h[1] = request[1];
        wire_put16(h + 2, r->flags | (r->rcode & 15));
        wire_put16(h + 4, question);
        wire_put16(h + 6, r->counts[SECTION_ANSWER]);
        wire_put16(h + 8, r->counts[SECTION_AUTHORITY]);
        wire_put16(h + 10, r->counts[SECTION_ADDITIONAL]);
}

/* How large a reply may be: what the client takes, what the transport carries, what the buffer holds. */
static inline size_t reply_limit(const struct query *q, const struct answer_settings *s, const struct answer_peer *peer,
                                 size_t reply_max)
{
        size_t limit = ANSWER_REPLY_MAX;

        if (peer->transport == TRANSPORT_UDP) {
                uint16_t most = peer->address.family == ADDRESS_V6 ? s->udp_max_v6 : s->udp_max_v4;
                if (!most)
                        most = ANSWER_UDP_MAX;
                limit = q->edns ? q->udp_size : UDP_PLAIN_MAX;
                if (limit < UDP_PLAIN_MAX) /* RFC 6891 6.2.3 */
                        limit = UDP_PLAIN_MAX;
                if (limit > most)
                        limit = most;
        }
        return limit < reply_max ? limit : reply_max;
}

static inline enum counter counter_of(const struct reply *r)
{
        switch (r->rcode) {
        case RCODE_NOERROR:
                return r->counts[SECTION_ANSWER] ? COUNTER_REPLIES_NOERROR : COUNTER_REPLIES_NODATA;
        case RCODE_FORMERR:
                return COUNTER_REPLIES_FORMERR;
        case RCODE_SERVFAIL:
                return COUNTER_REPLIES_SERVFAIL;
        case RCODE_NXDOMAIN:
                return COUNTER_REPLIES_NXDOMAIN;
        case RCODE_NOTIMP:
                return COUNTER_REPLIES_NOTIMP;
        case RCODE_REFUSED:
                return COUNTER_REPLIES_REFUSED;
        default:
                return COUNTER_REPLIES_OTHER;
        }
}

static inline void count(const struct answer_context *c, const struct query *q, const struct reply *r)
{
        counter_add(c->counters, counter_of(r), 1);
        if (q->edns)
                counter_add(c->counters, COUNTER_EDNS_QUERIES, 1);
        if (q->ecs.present)
                counter_add(c->counters, COUNTER_ECS_QUERIES, 1);
        if (r->flags & FLAG_TC)
                counter_add(c->counters, COUNTER_REPLIES_TRUNCATED, 1);
}

/* Types and classes that are not looked up. 0: look it up. */
static enum dns_rcode refusal(const struct query *q)
{
        if (q->type == TYPE_OPT || q->type == 0)
                return RCODE_FORMERR;
        if (q->type == TYPE_AXFR || q->type == TYPE_IXFR || q->type == TYPE_TSIG || q->type == TYPE_TKEY)
                return RCODE_REFUSED;
        if (q->type == TYPE_MAILA || q->type == TYPE_MAILB) /* obsolete */
                return RCODE_NOTIMP;
        return q->class == CLASS_IN ? RCODE_NOERROR : RCODE_REFUSED;
}

/* Where the client is taken to be: its subnet when the resolver tells it, else the resolver's address. */
static void client_of(struct asking *a)
{
        const struct ecs *ecs = &a->query->ecs;
        struct prefix *p = &a->client.prefix;

        if (ecs->present && ecs->source) {
                p->address.family = ecs->family == ECS_IPV4 ? ADDRESS_V4 : ADDRESS_V6;
                memcpy(p->address.bytes, ecs->bytes, sizeof(ecs->bytes));
                p->length = ecs->source;
        } else {
                p->address = a->peer->address;
                p->length = (uint8_t)address_bits(&p->address);
        }
}

/* Cookies (RFC 7873 5.2): whether to answer this client at all. */
static bool cookie_admits(struct asking *a)
{
        const struct answer_context *c = a->context;
        const struct cookie_settings *s = &c->settings->cookies;
        const struct query *q = a->query;

        a->cookie = cookie_check(s, q->cookie, q->cookie_length, &a->peer->address, c->now_s);
        if (a->cookie == COOKIE_VALID)
                counter_add(c->counters, COUNTER_COOKIE_GOOD, 1);
        if (a->cookie == COOKIE_WRONG)
                counter_add(c->counters, COUNTER_COOKIE_BAD, 1);
        bool required =
                s->secret_count && (s->require == COOKIES_ALWAYS || (s->require == COOKIES_UNDER_LOAD && c->busy));
        if (!required || asking_proven(a))
                return true;
        asking_challenge(a);
        return false;
}

static inline void look_up(struct asking *a)
{
        const struct query *q = a->query;

        if (q->edns_version) {
                a->reply->rcode = RCODE_BADVERS;
                return;
        }
        if ((q->cookie || a->context->settings->cookies.require) && !cookie_admits(a))
                return;
        if (!q->name_length) /* only asks for a cookie: RFC 7873 5.4 */
                return;
        if (q->class == CLASS_CH) {
                client_of(a);
                answer_chaos(a);
                return;
        }
        a->reply->rcode = (uint16_t)refusal(q);
        if (a->reply->rcode)
                return;
        client_of(a);
        answer_zones(a);
}

/* RFC 2181 9: what matters did not fit, so the client asks again over TCP; the sections are emptied to be unambiguous.
 */
static void reply_empty(struct reply *r, size_t question_end)
{
        r->flags |= FLAG_TC;
        r->at = question_end;
        memset(r->counts, 0, sizeof(r->counts));
}

static size_t header_only(const struct answer_context *c, const uint8_t *request, const struct query *q, uint8_t *reply)
{
        struct reply r = {.data = reply, .at = HEADER_SIZE, .limit = HEADER_SIZE, .rcode = (uint16_t)q->rcode};
        /* RD and CD mean something in queries alone: RFC 1035 4.1.1, RFC 4035 3.2.2. */
        unsigned copied = q->opcode == OPCODE_QUERY ? FLAG_RD | FLAG_CD | FLAGS_OPCODE : FLAGS_OPCODE;

        r.flags = (uint16_t)(FLAG_QR | (q->flags & copied));
        finish_header(&r, request, false);
        counter_add(c->counters, counter_of(&r), 1);
        return HEADER_SIZE;
}

static inline void ask(const struct answer_context *c, const struct answer_peer *peer, const struct query *q,
                       struct reply *r, struct answered *answered)
{
        struct asking a;

        a.context = c;
        a.peer = peer;
        a.query = q;
        a.reply = r;
        a.located = false;
        a.cookie = COOKIE_NONE;
        a.name = q->name;
        a.name_length = q->name_length;
        a.owner = POINTER_TO_QUESTION;
        a.links = 0;
        look_up(&a);
        answered->proven = a.cookie == COOKIE_VALID;
}

/* RFC 2308 2: no such name, or no such data; a delegation, which is not of our authority, counts by its name. */
static inline bool is_negative(const struct reply *r)
{
        return r->rcode == RCODE_NXDOMAIN ||
               (r->rcode == RCODE_NOERROR && r->flags & FLAG_AA && !r->counts[SECTION_ANSWER] && !r->truncated);
}

static inline void tell_kind(const struct reply *r, struct answered *answered)
{
        if (is_negative(r)) {
                answered->kind = ANSWERED_NEGATIVE;
                answered->of = r->zone;
        } else if (r->rcode == RCODE_NOERROR) {
                answered->kind = ANSWERED_RECORDS;
                answered->of = r->of;
        } else {
                answered->kind = ANSWERED_ERROR;
        }
}

/* The reply with the question alone, and how much of it is kept for OPT. */
static inline __attribute__((always_inline)) size_t begin_reply(const struct answer_context *c,
                                                                const struct answer_peer *peer, const uint8_t *request,
                                                                const struct query *q, uint8_t *reply, size_t reply_max,
                                                                size_t behind, struct reply *r)
{
        size_t kept = edns_room(q, c->settings), limit = reply_limit(q, c->settings, peer, reply_max);

        if (limit < q->question_end + kept + behind) /* the least that can be said */
                limit = q->question_end + kept + behind;
        assert(limit <= reply_max);
        *r = (struct reply){.data = reply, .at = q->question_end, .limit = limit - kept - behind};
        r->flags = (uint16_t)(FLAG_QR | (q->flags & (FLAG_RD | FLAG_CD)));
        memcpy(reply + HEADER_SIZE, request + HEADER_SIZE, q->question_end - HEADER_SIZE);
        return kept;
}

static inline __attribute__((always_inline)) size_t
answer_parsed(const struct answer_context *c, const struct answer_peer *peer, const uint8_t *request,
              const struct query *q, uint8_t *reply, size_t reply_max, size_t behind, struct answered *answered)
{
        struct reply r;

        *answered = (struct answered){.kind = ANSWERED_NOTHING};
        if (q->parsed == PARSE_DROP)
                return 0;
        if (q->parsed == PARSE_HEADER) {
                answered->kind = ANSWERED_ERROR;
                return header_only(c, request, q, reply);
        }
        size_t kept = begin_reply(c, peer, request, q, reply, reply_max, behind, &r);
        if (q->parsed == PARSE_QUESTION)
                r.rcode = (uint16_t)q->rcode;
        else
                ask(c, peer, q, &r, answered);
        if (r.waiting && peer->transport == TRANSPORT_UDP) /* the resolver asks again, SERVFAIL would be kept */
                return 0;
        tell_kind(&r, answered);
        if (r.truncated)
                reply_empty(&r, q->question_end);
        edns_write(&r, q, c, peer, kept);
        finish_header(&r, request, q->parsed != PARSE_COOKIE);
        count(c, q, &r);
        return r.at;
}

size_t answer(const struct answer_context *c, const struct answer_peer *peer, const uint8_t *request, size_t length,
              uint8_t *reply, size_t reply_max)
{
        struct answered answered;
        struct query q;

        query_parse(request, length, &q);
        return answer_parsed(c, peer, request, &q, reply, reply_max, 0, &answered);
}

size_t answer_query(const struct answer_context *c, const struct answer_peer *peer, const uint8_t *request,
                    const struct query *q, uint8_t *reply, size_t reply_max, size_t behind, struct answered *answered)
{
        return answer_parsed(c, peer, request, q, reply, reply_max, behind, answered);
}

size_t answer_truncated(const struct answer_context *c, const struct answer_peer *peer, const uint8_t *request,
                        const struct query *q, uint8_t *reply, size_t reply_max)
{
        struct reply r;

        if (q->parsed != PARSE_OK)
                return 0;
        size_t kept = begin_reply(c, peer, request, q, reply, reply_max, 0, &r);
        r.flags |= FLAG_TC;
        edns_write_least(&r, q, c, peer, kept);
        finish_header(&r, request, true);
        return r.at;
}
