#include "tests/unit/ask.h"

#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "tests/unit/must.h"

static size_t put16(uint8_t *out, unsigned v)
{
        out[0] = (uint8_t)(v >> 8);
        out[1] = (uint8_t)v;
        return 2;
}

static size_t from_hex(const char *text, uint8_t *out)
{
        size_t n = 0;
        unsigned byte;

        for (; text && *text; text += 2) {
                while (*text == ' ')
                        text++;
                must_hold(sscanf(text, "%2x", &byte) == 1);
                out[n++] = (uint8_t)byte;
        }
        return n;
}

size_t ask_build(const struct ask *q, uint8_t request[4096])
{
        uint8_t *p = request, name[NAME_WIRE_MAX], options[2048];
        const char *why = "";
        unsigned length = name_parse_cased(q->name, NULL, name, &why);

        must(length > 0, "%s: %s", q->name, why);
        p += put16(p, 0x1234);
        p += put16(p, q->flags);
        p += put16(p, 1);
        p += put16(p, 0);
        p += put16(p, 0);
        p += put16(p, q->edns + (q->after != NULL));
        memcpy(p, name, length);
        p += length;
        p += put16(p, q->type);
        p += put16(p, q->class ? q->class : CLASS_IN);
        p += from_hex(q->after, p);
        if (q->edns) {
                size_t size = from_hex(q->options, options);
                *p++ = 0;
                p += put16(p, TYPE_OPT);
                p += put16(p, q->udp_size ? q->udp_size : 1232);
                *p++ = 0;
                *p++ = q->version;
                p += put16(p, q->dnssec_ok ? 0x8000 : 0);
                p += put16(p, (unsigned)size);
                memcpy(p, options, size);
                p += size;
        }
        return (size_t)(p - request);
}

struct told *ask_bytes(struct world *w, const struct ask *q, const uint8_t *request, size_t length)
{
        static const struct answer_settings none;
        struct told *t = memory_alloc(sizeof(*t));
        struct answer_context c = {.snapshot = w->snapshot,
                                   .settings = q->settings ? q->settings : &none,
                                   .picker = &w->picker,
                                   .counters = counters_register(),
                                   .now_s = q->now_s ? q->now_s : 1700000000};
        struct answer_peer peer = {.transport = q->transport};
        /* Exact sizes on the heap, so that the sanitizer sees one byte too many. */
        size_t room = q->transport == TRANSPORT_UDP ? ANSWER_UDP_MAX : ANSWER_REPLY_MAX;
        uint8_t *exact = memory_alloc(length ? length : 1), *reply = memory_alloc(room);

        c.busy = q->busy;
        must_hold(address_parse(q->from ? q->from : "198.51.100.1", &peer.address));
        memcpy(exact, request, length);
        t->length = answer(&c, &peer, exact, length, reply, room);
        must(t->length <= room, "larger than allowed");
        memcpy(t->wire, reply, t->length);
        if (t->length && ldns_wire2pkt(&t->packet, t->wire, t->length) != LDNS_STATUS_OK)
                t->packet = NULL;
        free(exact);
        free(reply);
        return t;
}

struct told *ask(struct world *w, const struct ask *q)
{
        uint8_t request[4096];
        size_t length = ask_build(q, request);
        struct told *t = ask_bytes(w, q, request, length);

        must(t->packet != NULL, "ldns cannot read the reply to %s", q->name);
        return t;
}

void told_free(struct told *t)
{
        ldns_pkt_free(t->packet);
        free(t);
}

unsigned told_rcode(const struct told *t)
{
        return (unsigned)ldns_pkt_edns_extended_rcode(t->packet) << 4 | ldns_pkt_get_rcode(t->packet);
}

const char *told_section(const struct told *t, ldns_pkt_section section)
{
        static char text[4][1 << 16];
        static int turn;
        char *out = text[turn++ % 4];
        ldns_rr_list *list = ldns_pkt_get_section_clone(t->packet, section);
        size_t n = 0;

        for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
                char *line = ldns_rr2str(ldns_rr_list_rr(list, i));
                for (char *p = line; *p; p++)
                        if (*p != '\t' || p[1] != '\n')
                                out[n++] = *p == '\t' ? ' ' : *p;
                free(line);
        }
        out[n] = '\0';
        ldns_rr_list_deep_free(list);
        return out;
}

const char *told_option(const struct told *t, uint16_t code)
{
        static char text[2048];
        ldns_rdf *all = ldns_pkt_edns_data(t->packet);
        const uint8_t *p = all ? ldns_rdf_data(all) : NULL, *end = p ? p + ldns_rdf_size(all) : NULL;

        while (p && p + 4 <= end) {
                unsigned length = (unsigned)p[2] << 8 | p[3];
                if ((p[0] << 8 | p[1]) == code) {
                        text[0] = '\0';
                        for (unsigned i = 0; i < length; i++)
                                sprintf(text + 2 * (size_t)i, "%02x", p[4 + i]);
                        return text;
                }
                p += 4 + length;
        }
        return NULL;
}
