/* Any bytes into answer(), over each transport: memory safe, and what comes out can be read by ldns.
 * The first byte of an input chooses transport and settings, the rest is the request. */
#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gslbd/answer/answer.h"
#include "tests/fuzz/must.h"
#include "tests/unit/world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char YAML[] = "regions: [{name: eu, match: ['continent:EU']}, {name: us, default: true}]\n"
                           "networks: [{cidr: 10.1.0.0/16, region: eu}]\n"
                           "pools:\n"
                           "  - {name: peu, region: eu, endpoints: [192.0.2.1, '2001:db8::1']}\n"
                           "  - {name: pus, region: us, endpoints: [192.0.2.2]}\n"
                           "  - {name: host, region: us, endpoints: [{name: h, address: ns.g.example}]}\n"
                           "zones:\n"
                           "  - name: g.example\n"
                           "    ns: [ns.g.example, ns.example.net]\n"
                           "    records:\n"
                           "      - {name: ns, type: A, data: [203.0.113.53]}\n"
                           "      - {name: '*.w', type: TXT, data: ['\"w\"']}\n"
                           "      - {name: c, type: CNAME, data: [d]}\n"
                           "      - {name: d, type: CNAME, data: [c]}\n"
                           "      - {name: t, type: DNAME, data: [w]}\n"
                           "      - {name: s, type: NS, data: [ns.s]}\n"
                           "      - {name: ns.s, type: A, data: [192.0.2.9]}\n"
                           "services: [{name: a.g.example, pools: [peu, pus]}, {name: h.g.example, pools: [host]}]\n";

static void check_reply(const uint8_t *request, const uint8_t *reply, size_t length)
{
        ldns_pkt *packet = NULL;

        must(length >= 12 && !memcmp(reply, request, 2) && reply[2] & 0x80);
        must((reply[2] & 0x78) == (request[2] & 0x78)); /* opcode */
        must(ldns_wire2pkt(&packet, reply, length) == LDNS_STATUS_OK);
        ldns_pkt_free(packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct world *world;
        static struct counters *counters;
        static const struct answer_settings plain,
                full = {.nsid = "node",
                        .version = "v",
                        .server_id = "s",
                        .cookies = {.secret_count = 1, .require = COOKIES_UNDER_LOAD},
                        .report_agent = (const uint8_t *)"\002er\001g\007example",
                        .tcp_idle_ms = 5000};
        if (!world) {
                world = world_new(YAML, NULL);
                counters = counters_register();
        }
        if (!size)
                return 0;
        const struct answer_context context = {.snapshot = world->snapshot,
                                               .settings = data[0] & 4 ? &full : &plain,
                                               .picker = &world->picker,
                                               .counters = counters,
                                               .busy = (data[0] & 8) != 0, /* ldns has a _Bool of its own */
                                               .now_s = 1700000000};
        struct answer_peer peer = {.transport = data[0] % 4 % 3};
        size_t room = peer.transport == TRANSPORT_UDP ? ANSWER_UDP_MAX : ANSWER_REPLY_MAX;
        uint8_t *request = malloc(size - 1 ? size - 1 : 1), *reply = malloc(room); /* exact, for the sanitizer */

        must(request && reply && address_parse(data[0] & 16 ? "2001:db8::7" : "192.0.2.7", &peer.address));
        memcpy(request, data + 1, size - 1);
        size_t length = answer(&context, &peer, request, size - 1, reply, room);
        must(length <= room);
        if (length)
                check_reply(request, reply, length);
        free(request);
        free(reply);
        return 0;
}
