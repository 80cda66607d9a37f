/* What answer() costs without sockets: nanoseconds per query by kind of question. Prints; never fails.
 *
 * answer_bench [SERVICES [ROUNDS]] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buffer.h"
#include "base/clock.h"
#include "base/memory.h"
#include "tests/unit/ask.h"

#define VARIANTS  256u    /* questions of a kind, over as many names and clients */
#define BATCH     64u     /* answers that a worker lets the tap's reader see at once */
#define EACH_NAME 100000u /* at most that many, when each asks for another name: beyond what caches hold */

static unsigned rounds = 2000000;

static char *configuration(unsigned services)
{
        struct buffer b = BUFFER_INIT(1u << 30);

        buffer_text(&b, "regions: [{name: eu}, {name: us, default: true}]\nnetworks:\n");
        for (unsigned i = 0; i < 256; i++)
                buffer_printf(&b, "  - {cidr: 10.%u.0.0/16, region: %s}\n", i, i % 2 ? "eu" : "us");
        for (unsigned i = 0; i < 256; i++)
                buffer_printf(&b, "  - {cidr: '2001:db8:%x::/48', region: %s}\n", i, i % 2 ? "eu" : "us");
        buffer_text(&b, "pools:\n");
        for (unsigned p = 0; p < 2; p++)
                buffer_printf(&b,
                              "  - {name: p%u, region: %s, endpoints: [{name: a, address: 192.0.2.%u, weight: 60}, "
                              "{name: b, address: 192.0.2.%u, weight: 40}, {name: c, address: '2001:db8::%u'}]}\n",
                              p, p ? "eu" : "us", 2 * p + 1, 2 * p + 2, p + 1);
        buffer_text(&b, "zones:\n  - name: gslb.example.com\n    ns: [ns1.gslb.example.com]\n    records:\n"
                        "      - {name: ns1, type: A, data: [203.0.113.53]}\n");
        for (unsigned i = 0; i < VARIANTS; i++)
                buffer_printf(&b, "      - {name: static%u, type: A, data: [203.0.113.%u]}\n", i, i);
        buffer_text(&b, "services:\n");
        for (unsigned i = 0; i < services; i++)
                buffer_printf(&b, "  - {name: www%u.gslb.example.com, pools: [p0, p1]}\n", i);
        return buffer_take(&b);
}

/* What is asked: `count` questions one behind the other, each for another of `names` names. */
struct questions {
        const char *name, *options, *options_end;
        unsigned names, count;
};

/* Makes the questions; returns them, with where each begins and ends. */
static uint8_t *questions_make(struct ask q, const struct questions *from, size_t *begins)
{
        const char *behind = strcmp(from->name, "elsewhere") ? ".gslb.example.com" : ".example.org";
        uint8_t *requests = memory_alloc((size_t)from->count * 128 + 4096);

        for (unsigned i = 0; i < from->count; i++) {
                char full[100], option[100];
                snprintf(full, sizeof(full), "%s%u%s", from->name, (unsigned)(i * 7919ul % from->names), behind);
                snprintf(option, sizeof(option), "%s%02x%s", from->options ? from->options : "", i % 256,
                         from->options_end ? from->options_end : "");
                q.name = full;
                q.options = from->options ? option : NULL;
                begins[i + 1] = begins[i] + ask_build(&q, requests + begins[i]);
        }
        return requests;
}

/* Between batches, as a worker does, and as the reader of its tap. */
static void turn(struct tap *tap)
{
        const struct tapped *answers;
        const struct tapped_client *clients;

        tap_end(tap);
        tap_want(tap, 10);
        tap_take_answers(tap, tap_answers(tap, &answers));
        tap_take_clients(tap, tap_clients(tap, &clients));
        tap_begin(tap);
}

static void measure(struct world *w, const char *what, struct ask q, struct questions questions)
{
        static uint8_t reply[ANSWER_REPLY_MAX];
        static const struct answer_settings settings = {.cookies = {.secret_count = 1}};
        static struct counters counters;
        struct answer_context c = {.snapshot = w->snapshot,
                                   .settings = &settings,
                                   .picker = &w->picker,
                                   .counters = &counters,
                                   .tap = tap_register(),
                                   .now_s = 1};
        struct answer_peer peer = {.transport = TRANSPORT_UDP};
        size_t bytes = 0, *begins = memory_alloc((questions.count + 1) * sizeof(*begins));
        uint8_t *requests = questions_make(q, &questions, begins);

        address_parse("10.7.0.53", &peer.address);
        uint64_t start = clock_us();
        for (unsigned i = 0, at = 0; i < rounds; i++, at = at + 1 == questions.count ? 0 : at + 1) {
                if (i % BATCH == 0)
                        turn(c.tap);
                bytes += answer(&c, &peer, requests + begins[at], begins[at + 1] - begins[at], reply, ANSWER_UDP_MAX);
        }
        printf("%-28s %6.0f ns a query  %4.0f bytes a reply\n", what, (double)(clock_us() - start) * 1000 / rounds,
               (double)bytes / rounds);
        free(requests);
        free(begins);
}

int main(int argc, char **argv)
{
        unsigned services = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000;
        if (argc > 2)
                rounds = (unsigned)strtoul(argv[2], NULL, 10);
        services = services ? services : 1;
        char *yaml = configuration(services);
        struct world *w = world_new(yaml, NULL);
        const struct ask a = {.type = TYPE_A}, aaaa = {.type = TYPE_AAAA}, edns = {.type = TYPE_A, .edns = true};

        const unsigned each = services < EACH_NAME ? services : EACH_NAME;

        free(yaml);
        measure(w, "static A", a, (struct questions){"static", NULL, NULL, VARIANTS, VARIANTS});
        measure(w, "static A, EDNS", edns, (struct questions){"static", NULL, NULL, VARIANTS, VARIANTS});
        measure(w, "service A", a, (struct questions){"www", NULL, NULL, services, VARIANTS});
        measure(w, "service AAAA", aaaa, (struct questions){"www", NULL, NULL, services, VARIANTS});
        measure(w, "service A, EDNS", edns, (struct questions){"www", NULL, NULL, services, VARIANTS});
        measure(w, "service A, IPv4 subnet", edns,
                (struct questions){"www", "0008 0007 0001 18 00 0a", "01", services, VARIANTS});
        measure(w, "service A, IPv6 subnet", edns,
                (struct questions){"www", "0008 000a 0002 30 00 20010db800", NULL, services, VARIANTS});
        measure(w, "service A, cookie", edns,
                (struct questions){"www", "000a 0008 00000000000000", NULL, services, VARIANTS});
        measure(w, "no such name", a, (struct questions){"nothing", NULL, NULL, VARIANTS, VARIANTS});
        measure(w, "not ours", a, (struct questions){"elsewhere", NULL, NULL, VARIANTS, VARIANTS});
        measure(w, "service A, each name", a, (struct questions){"www", NULL, NULL, services, each});
        measure(w, "no such name, each", a, (struct questions){"nothing", NULL, NULL, services, each});
        world_free(w);
        return 0;
}
