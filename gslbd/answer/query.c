#include "gslbd/answer/query.h"

#include <string.h>
#include "gslbd/answer/cookie.h"
#include "zones/dns/wire.h"

/* The question's name: no pointers there (RFC 1035 4.1.4: nothing stands before it), lower case on the way. */
static bool read_name(struct reader *r, struct query *q)
{
        static const uint8_t to_lower[256] = {
#define SAME(n) n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7
#define SAME64(n)                                                                                                      \
        SAME(n), SAME(n + 8), SAME(n + 16), SAME(n + 24), SAME(n + 32), SAME(n + 40), SAME(n + 48), SAME(n + 56)
                SAME64(0), 64,  97,  98,       99,        100,       101,       102,         103,        104,
                105,       106, 107, 108,      109,       110,       111,       112,         113,        114,
                115,       116, 117, 118,      119,       120,       121,       122,         91,         92,
                93,        94,  95,  SAME(96), SAME(104), SAME(112), SAME(120), SAME64(128), SAME64(192)
#undef SAME
#undef SAME64
        };
        const uint8_t *p = r->data + r->at;
        size_t left = reader_left(r);
        unsigned n = 0;

        for (;;) {
                if (n >= left)
                        return false;
                unsigned label = p[n];
                if (label > 63 || n + label + 1 > NAME_WIRE_MAX || n + label + 1 > left)
                        return false;
                q->name[n++] = (uint8_t)label;
                if (!label)
                        break;
                for (unsigned end = n + label; n < end; n++)
                        q->name[n] = to_lower[p[n]];
                if (n >= NAME_WIRE_MAX)
                        return false;
        }
        q->name_length = n;
        r->at += n;
        return true;
}

/* RFC 7871 6 and 7.1.2: what is not exactly so is a format error. */
static bool read_ecs(struct reader option, struct ecs *ecs)
{
        uint16_t family = reader_u16(&option);
        uint8_t source = reader_u8(&option), scope = reader_u8(&option);
        unsigned bits = family == ECS_IPV4 ? 32 : family == ECS_IPV6 ? 128 : 0, bytes = (source + 7u) / 8;

        if (option.failed || ecs->present || family > ECS_IPV6 || source > bits || scope ||
            reader_left(&option) != bytes)
                return false;
        struct ecs read = {.present = true, .family = family, .source = source};
        if (bytes)
                memcpy(read.bytes, option.data + option.at, bytes);
        if (source % 8 && read.bytes[bytes - 1] & 0xff >> source % 8) /* bits behind SOURCE must be zero */
                return false;
        *ecs = read;
        return true;
}

/* RFC 7873 5.2: only the first counts, and one of another length is a format error. */
static bool read_cookie(struct query *q, const uint8_t *data, uint16_t length)
{
        if (q->cookie)
                return true;
        if (length != COOKIE_CLIENT_SIZE && (length < COOKIE_MIN || length > COOKIE_MAX))
                return false;
        q->cookie = data;
        q->cookie_length = (uint8_t)length;
        return true;
}

/* Options that nobody knows are ignored (RFC 6891 6.1.2). */
static bool read_option(struct query *q, uint16_t code, const uint8_t *data, uint16_t length)
{
        switch (code) {
        case OPTION_ECS:
                return read_ecs(reader_of(data, length), &q->ecs);
        case OPTION_COOKIE:
                return read_cookie(q, data, length);
        case OPTION_NSID:
                q->nsid = true;
                return true;
        case OPTION_KEEPALIVE:
                q->keepalive |= !length;
                return true;
        case OPTION_PADDING:
                q->padding = true;
                return true;
        case OPTION_ZONEVERSION: /* RFC 9660 3.1: empty in a query */
                q->zoneversion = true;
                return !length;
        default:
                return true;
        }
}

static bool read_options(struct reader r, struct query *q)
{
        while (reader_left(&r)) {
                uint16_t code = reader_u16(&r), length = reader_u16(&r);
                const uint8_t *data = reader_bytes(&r, length);
                if (r.failed)
                        return false;
                if (!read_option(q, code, data, length))
                        return false;
        }
        return true;
}

/* The OPT record behind its root owner and type (RFC 6891 6.1.2). */
static bool read_opt(struct reader *r, struct query *q)
{
        if (q->edns) /* RFC 6891 6.1.1: two are a format error */
                return false;
        q->edns = true;
        q->udp_size = reader_u16(r);
        reader_u8(r); /* extended RCODE: means nothing in a query */
        q->edns_version = reader_u8(r);
        q->dnssec_ok = reader_u16(r) & EDNS_DO;
        uint16_t length = reader_u16(r);
        const uint8_t *options = reader_bytes(r, length);
        if (r->failed)
                return false;
        return q->edns_version || read_options(reader_of(options, length), q);
}

static bool read_records(struct reader *r, unsigned count, bool additional, struct query *q)
{
        while (count--) {
                size_t start = r->at;
                if (q->tsig_at || !wire_skip_name(r))
                        return false;
                uint16_t type = reader_u16(r);
                if (type == TYPE_OPT) {
                        if (!additional || r->at - start != 3 || !read_opt(r, q))
                                return false;
                        continue;
                }
                if (type == TYPE_TSIG) {
                        if (!additional)
                                return false;
                        q->tsig_at = start;
                }
                reader_bytes(r, 6); /* class, TTL */
                reader_bytes(r, reader_u16(r));
                if (r->failed)
                        return false;
        }
        return true;
}

/* What stands behind the question: ANCOUNT, NSCOUNT and ARCOUNT records. */
static bool read_sections(struct reader *r, const unsigned counts[3], struct query *q)
{
        return read_records(r, counts[0], false, q) && read_records(r, counts[1], false, q) &&
               read_records(r, counts[2], true, q);
}

/* RFC 7873 5.4: a client may ask for a cookie alone. */
static enum parse_result no_question(struct reader *r, const unsigned counts[3], struct query *q)
{
        q->question_end = HEADER_SIZE;
        q->name_length = 0;
        return read_sections(r, counts, q) && q->cookie ? PARSE_COOKIE : PARSE_HEADER;
}

static void clear(struct query *q)
{
        q->edns = q->nsid = q->dnssec_ok = q->ecs.present = false;
        q->keepalive = q->padding = q->zoneversion = false;
        q->cookie = NULL;
        q->edns_version = 0;
        q->udp_size = 0;
        q->tsig_at = 0;
}

static enum parse_result parse(struct reader *r, struct query *q)
{
        if (r->length < HEADER_SIZE)
                return PARSE_DROP;
        const uint8_t *header = reader_bytes(r, HEADER_SIZE);
        const unsigned questions = wire_get16(header + 4),
                       counts[3] = {wire_get16(header + 6), wire_get16(header + 8), wire_get16(header + 10)};
        q->flags = (uint16_t)wire_get16(header + 2);
        q->opcode = (uint8_t)((q->flags & FLAGS_OPCODE) >> 11);
        clear(q);
        if (q->flags & FLAG_QR)
                return PARSE_DROP;
        q->rcode = q->opcode == OPCODE_QUERY ? RCODE_FORMERR : RCODE_NOTIMP;
        if (q->opcode == OPCODE_QUERY && !questions && counts[2])
                return no_question(r, counts, q);
        if (q->opcode != OPCODE_QUERY || questions != 1) /* RFC 9619: one question */
                return PARSE_HEADER;
        if (!read_name(r, q))
                return PARSE_HEADER;
        q->type = reader_u16(r);
        q->class = reader_u16(r);
        if (r->failed)
                return PARSE_HEADER;
        q->question_end = (unsigned)r->at;
        if ((counts[0] | counts[1] | counts[2]) && !read_sections(r, counts, q))
                return PARSE_QUESTION;
        return PARSE_OK;
}

void query_parse(const uint8_t *request, size_t length, struct query *q)
{
        struct reader r = reader_of(request, length);

        q->parsed = parse(&r, q);
        if (q->parsed != PARSE_OK && q->parsed != PARSE_COOKIE)
                q->tsig_at = 0;
}
