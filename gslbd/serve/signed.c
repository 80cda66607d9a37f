#include "gslbd/serve/signed.h"

#include "gslbd/serve/tsig.h"

/* The reply is an rcode alone, with the question if there is one. */
static struct query failed(const struct query *q, enum dns_rcode rcode)
{
        struct query out = *q;

        out.parsed = q->parsed == PARSE_OK ? PARSE_QUESTION : PARSE_HEADER;
        out.rcode = rcode;
        return out;
}

size_t signed_answer_tsig(const struct answer_context *c, const struct answer_peer *peer, const uint8_t *request,
                          size_t length, const struct query *q, uint8_t *reply, size_t reply_max,
                          struct answered *answered)
{
        const struct answer_settings *s = c->settings;
        struct tsig tsig;
        struct query bad;

        if (!tsig_check(&tsig, request, length, q->tsig_at, s->tsig_keys, s->tsig_key_count, c->now_s)) {
                bad = failed(q, RCODE_FORMERR);
                return answer_query(c, peer, request, &bad, reply, reply_max, 0, answered);
        }
        if (tsig.error) {
                bad = failed(q, RCODE_NOTAUTH);
                q = &bad;
        }
        size_t n = answer_query(c, peer, request, q, reply, reply_max, tsig_room(&tsig), answered);
        return n ? tsig_sign(&tsig, reply, n, c->now_s) : 0;
}
