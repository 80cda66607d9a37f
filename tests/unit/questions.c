#include "tests/unit/questions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "tests/unit/ask.h"
#include "tests/unit/must.h"
#include "tests/unit/random_items.h"

static const char *const names[] = {"g.example",
                                    "n0.g.example",
                                    "n1.g.example",
                                    "www.g.example",
                                    "WWW.g.example",
                                    "a.g.example",
                                    "b.g.example",
                                    "c.g.example",
                                    "c2.g.example",
                                    "loop.g.example",
                                    "any.g.example",
                                    "x.any.g.example",
                                    "w.g.example",
                                    "*.w.g.example",
                                    "y.w.g.example",
                                    "x.w.g.example",
                                    "z.x.w.g.example",
                                    "empty.g.example",
                                    "b.empty.g.example",
                                    "a.b.empty.g.example",
                                    "cut.g.example",
                                    "ns.cut.g.example",
                                    "x.cut.g.example",
                                    "in.cut.g.example",
                                    "y.z.cut.g.example",
                                    "d.g.example",
                                    "x.d.g.example",
                                    "y.x.d.g.example",
                                    "out.g.example",
                                    "ns1.g.example",
                                    "sub.g.example",
                                    "n2.sub.g.example",
                                    "www.sub.g.example",
                                    "any.sub.g.example",
                                    "a.sub.g.example",
                                    "x.sub.g.example",
                                    "cut.sub.g.example",
                                    "x.cut.sub.g.example",
                                    "b.sub.g.example",
                                    "d.sub.g.example",
                                    "x.d.sub.g.example",
                                    "deep.sub.g.example",
                                    "a.deep.sub.g.example",
                                    "www.deep.sub.g.example",
                                    "deep.g.example",
                                    "other.test",
                                    "www.other.test",
                                    "a.other.test",
                                    "c.other.test",
                                    "x.d.other.test",
                                    "x.w.other.test",
                                    "any.other.test",
                                    "nowhere.test",
                                    "example",
                                    "."};
static const uint16_t types[] = {TYPE_A,  TYPE_AAAA,  TYPE_CNAME, TYPE_TXT,  TYPE_NS,    TYPE_SOA, TYPE_MX,
                                 TYPE_DS, TYPE_DNAME, TYPE_ANY,   TYPE_SVCB, TYPE_HTTPS, TYPE_PTR};
static const struct {
        const char *from, *options; /* NULL: no EDNS */
} clients[] = {
        {"198.51.100.1", NULL},
        {"203.0.113.7", ""},
        {"198.51.100.1", "0008 0007 0001 18 00 0a0102"},
        {"198.51.100.1", "0008 0006 0001 10 00 0a02"},
        {"203.0.113.7", "0008 0007 0001 18 00 c0a807"},
        {"2001:db8:1::7", NULL},
        {"198.51.100.1", "0008 000a 0002 30 00 20010db80001"},
        {"192.0.2.200", "0008 0004 0001 00 00"},
};

struct question {
        uint8_t request[512];
        size_t length;
        struct answer_peer peer;
        char text[160];
};

static struct question *questions;
static unsigned count;

static void add(const char *name, uint16_t type, unsigned client, enum transport transport)
{
        struct question *q = &questions[count++];
        const struct ask ask = {.name = name,
                                .type = type,
                                .edns = clients[client].options != NULL,
                                .options = clients[client].options};
        uint8_t request[4096];

        q->length = ask_build(&ask, request);
        must_hold(q->length <= sizeof(q->request));
        memcpy(q->request, request, q->length);
        must_hold(address_parse(clients[client].from, &q->peer.address));
        q->peer.transport = transport;
        snprintf(q->text, sizeof(q->text), "%s TYPE%u from %s (%s)%s", name, type, clients[client].from,
                 clients[client].options ? clients[client].options : "no EDNS",
                 transport == TRANSPORT_TCP ? " over TCP" : "");
}

void questions_make(void)
{
        questions = memory_alloc(COUNT_OF(names) * (COUNT_OF(types) + 4 * COUNT_OF(clients)) * sizeof(*questions));
        for (unsigned n = 0; n < COUNT_OF(names); n++) {
                for (unsigned t = 0; t < COUNT_OF(types); t++)
                        add(names[n], types[t], 1, TRANSPORT_TCP);
                for (unsigned c = 0; c < COUNT_OF(clients); c++) {
                        add(names[n], TYPE_A, c, TRANSPORT_UDP);
                        add(names[n], TYPE_AAAA, c, TRANSPORT_UDP);
                }
        }
}

unsigned questions_count(void)
{
        return count;
}

const char *question_text(unsigned n)
{
        return questions[n].text;
}

const char *question_name(unsigned n)
{
        return n < COUNT_OF(names) ? names[n] : NULL;
}

struct questioner *questioner_new(void)
{
        static const struct answer_settings none;
        struct questioner *q = memory_alloc(sizeof(*q));

        q->context = (struct answer_context){
                .settings = &none, .picker = &q->picker, .counters = counters_register(), .now_s = 1700000000};
        return q;
}

void question_ask(struct questioner *q, unsigned n, const struct snapshot *snapshot)
{
        const struct question *question = &questions[n];

        random_seed(&q->picker.random, n);
        memset(q->picker.rotors, 0, sizeof(q->picker.rotors));
        q->context.snapshot = snapshot;
        q->length = answer(&q->context, &question->peer, question->request, question->length, q->reply,
                           question->peer.transport == TRANSPORT_UDP ? ANSWER_UDP_MAX : ANSWER_REPLY_MAX);
}
