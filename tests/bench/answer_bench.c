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

#define VARIANTS 256u /* questions of a kind, over as many names and clients */

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

static void measure(struct world *w, const char *what, struct ask q, const char *name, const char *options,
                    const char *options_end, unsigned names)
{
        static uint8_t requests[VARIANTS][4096], reply[ANSWER_REPLY_MAX];
        static size_t lengths[VARIANTS];
        static const struct answer_settings settings = {.cookies = {.secret_count = 1}};
        static struct counters counters;
        const char *behind = strcmp(name, "elsewhere") ? ".gslb.example.com" : ".example.org";
        struct answer_context c = {.snapshot = w->snapshot,
                                   .settings = &settings,
                                   .picker = &w->picker,
                                   .counters = &counters,
                                   .now_s = 1};
        struct answer_peer peer = {.transport = TRANSPORT_UDP};
        size_t bytes = 0;

        address_parse("10.7.0.53", &peer.address);
        for (unsigned i = 0; i < VARIANTS; i++) {
                char full[100], option[100];
                snprintf(full, sizeof(full), "%s%u%s", name, i * 7919u % names, behind);
                snprintf(option, sizeof(option), "%s%02x%s", options ? options : "", i, options_end);
                q.name = full;
                q.options = options ? option : NULL;
                lengths[i] = ask_build(&q, requests[i]);
        }
        uint64_t start = clock_us();
        for (unsigned i = 0; i < rounds; i++)
                bytes += answer(&c, &peer, requests[i % VARIANTS], lengths[i % VARIANTS], reply, ANSWER_UDP_MAX);
        printf("%-28s %6.0f ns a query  %4.0f bytes a reply\n", what, (double)(clock_us() - start) * 1000 / rounds,
               (double)bytes / rounds);
}

int main(int argc, char **argv)
{
        unsigned services = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000;
        if (argc > 2)
                rounds = (unsigned)strtoul(argv[2], NULL, 10);
        char *yaml = configuration(services ? services : 1);
        struct world *w = world_new(yaml, NULL);
        const struct ask a = {.type = TYPE_A}, aaaa = {.type = TYPE_AAAA}, edns = {.type = TYPE_A, .edns = true};

        free(yaml);
        measure(w, "static A", a, "static", NULL, "", VARIANTS);
        measure(w, "static A, EDNS", edns, "static", NULL, "", VARIANTS);
        measure(w, "service A", a, "www", NULL, "", services);
        measure(w, "service AAAA", aaaa, "www", NULL, "", services);
        measure(w, "service A, EDNS", edns, "www", NULL, "", services);
        measure(w, "service A, IPv4 subnet", edns, "www", "0008 0007 0001 18 00 0a", "01", services);
        measure(w, "service A, IPv6 subnet", edns, "www", "0008 000a 0002 30 00 20010db800", "", services);
        measure(w, "service A, cookie", edns, "www", "000a 0008 00000000000000", "", services);
        measure(w, "no such name", a, "nothing", NULL, "", VARIANTS);
        measure(w, "not ours", a, "elsewhere", NULL, "", VARIANTS);
        world_free(w);
        return 0;
}
