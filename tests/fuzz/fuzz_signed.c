/* Any bytes with a signature (TSIG), and any as what slips: memory safe, replies can be read by ldns, and what slips is
 * empty, has TC and is no longer than the request but for a cookie. */
#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gslbd/serve/signed.h"
#include "gslbd/serve/tsig.h"
#include "tests/fuzz/must.h"
#include "tests/unit/world.h"

#define NOW         1700000000 /* the corpus is signed for it */
#define COOKIE_MORE 16         /* bytes of our part of a cookie */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct world *world;
static struct counters *counters;
static const struct tsig_key key = {
        .name = "\003key", .algorithm = TSIG_SHA256, .secret = "0123456789abcdef", .secret_length = 16};
static const struct answer_settings settings = {
        .tsig_keys = &key, .tsig_key_count = 1, .cookies = {.secret_count = 1}, .nsid = "node", .udp_max_v4 = 512};

static void check_slip(const struct answer_context *c, const struct answer_peer *peer, const uint8_t *request,
                       size_t size, const struct query *q)
{
        uint8_t *reply = malloc(ANSWER_UDP_MAX);

        must(reply != NULL);
        size_t length = answer_truncated(c, peer, request, q, reply, ANSWER_UDP_MAX);
        must(!length || (length <= size + COOKIE_MORE && reply[2] & 2 && !memcmp(reply, request, 2)));
        must(!length || !memcmp(reply + 6, "\0\0\0\0", 4));
        free(reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        if (!world) {
                world = world_new(WORLD_HEAD, NULL);
                counters = counters_register();
        }
        if (!size)
                return 0;
        const struct answer_context context = {.snapshot = world->snapshot,
                                               .settings = &settings,
                                               .picker = &world->picker,
                                               .counters = counters,
                                               .now_s = NOW};
        struct answer_peer peer = {.transport = data[0] & 1 ? TRANSPORT_TCP : TRANSPORT_UDP};
        size_t room = peer.transport == TRANSPORT_UDP ? ANSWER_UDP_MAX : ANSWER_REPLY_MAX, length = size - 1;
        uint8_t *request = malloc(length ? length : 1), *reply = malloc(room);
        ldns_pkt *packet = NULL;
        struct answered answered;
        struct query q;

        must(request && reply && address_parse("192.0.2.7", &peer.address));
        memcpy(request, data + 1, length);
        query_parse(request, length, &q);
        size_t n = signed_answer(&context, &peer, request, length, &q, reply, room, &answered);
        must(n <= room && !n == (answered.kind == ANSWERED_NOTHING));
        must(!n || ldns_wire2pkt(&packet, reply, n) == LDNS_STATUS_OK);
        ldns_pkt_free(packet);
        check_slip(&context, &peer, request, length, &q);
        free(request);
        free(reply);
        return 0;
}
