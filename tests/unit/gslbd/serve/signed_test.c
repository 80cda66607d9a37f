/* Signed questions (TSIG), signed by ldns, which is not ours. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "gslbd/serve/signed.h"
#include "gslbd/serve/tsig.h"
#include "tests/unit/ask.h"
#include "tests/unit/suite.h"

#define SECRET "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=" /* of KEY, in base64 */

static const struct tsig_key KEY = {
        .name = "\3key", .algorithm = TSIG_SHA256, .secret = "0123456789abcdef0123456789abcdef", .secret_length = 32};

static struct world *world;

static void set_up(void)
{
        world = world_of_pool("balance: random", WORLD_FOUR);
}

static void tear_down(void)
{
        world_free(world);
}

/* Asks for the service's addresses, signed by `key`. Returns the reply's length; *packet is NULL when it is none. */
static size_t ask_signed(const char *key, enum transport transport, ldns_pkt **packet)
{
        static uint8_t reply[ANSWER_REPLY_MAX];
        const struct answer_settings settings = {.tsig_keys = &KEY, .tsig_key_count = 1};
        const struct answer_context c = {.snapshot = world->snapshot,
                                         .settings = &settings,
                                         .picker = &world->picker,
                                         .counters = counters_register(),
                                         .now_s = (uint32_t)time(NULL)};
        struct answer_peer peer = {.transport = transport};
        ldns_pkt *question;
        struct query q;
        uint8_t *request;
        size_t length;

        ck_assert(address_parse("198.51.100.1", &peer.address));
        ck_assert_int_eq(ldns_pkt_query_new_frm_str(&question, WORLD_SERVICE, LDNS_RR_TYPE_A, LDNS_RR_CLASS_IN, 0),
                         LDNS_STATUS_OK);
        ck_assert_int_eq(ldns_pkt_tsig_sign(question, key, SECRET, 300, "hmac-sha256.", NULL), LDNS_STATUS_OK);
        ck_assert_int_eq(ldns_pkt2wire(&request, question, &length), LDNS_STATUS_OK);
        query_parse(request, length, &q);
        ck_assert(q.tsig_at);
        struct answered answered;
        size_t n = signed_answer(&c, &peer, request, length, &q, reply,
                                 transport == TRANSPORT_UDP ? ANSWER_UDP_MAX : ANSWER_REPLY_MAX, &answered);
        *packet = NULL;
        if (n)
                ck_assert_int_eq(ldns_wire2pkt(packet, reply, n), LDNS_STATUS_OK);
        if (n && !strcmp(key, "key.") && ldns_pkt_get_rcode(*packet) != LDNS_RCODE_NOTAUTH)
                ck_assert(
                        ldns_pkt_tsig_verify(*packet, reply, n, key, SECRET, ldns_rr_rdf(ldns_pkt_tsig(question), 3)));
        free(request);
        ldns_pkt_free(question);
        return n;
}

static void wait_for_checks(bool waiting)
{
        for (uint32_t i = 0; i < world->snapshot->model->endpoint_count; i++)
                world->states[i].waiting = waiting;
        world_update(world);
}

START_TEST(a_signed_question_is_answered_and_signed)
{
        ldns_pkt *packet;

        ck_assert_uint_gt(ask_signed("key.", TRANSPORT_UDP, &packet), 0);
        ck_assert_int_eq(ldns_pkt_get_rcode(packet), LDNS_RCODE_NOERROR);
        ck_assert_uint_eq(ldns_pkt_ancount(packet), 1);
        ck_assert(ldns_pkt_tsig(packet));
        ldns_pkt_free(packet);
}
END_TEST

START_TEST(a_key_that_nobody_knows_is_told_so)
{
        ldns_pkt *packet;

        ck_assert_uint_gt(ask_signed("other.", TRANSPORT_UDP, &packet), 0);
        ck_assert_int_eq(ldns_pkt_get_rcode(packet), LDNS_RCODE_NOTAUTH);
        ldns_pkt_free(packet);
}
END_TEST

/* A service that waits for its first checks lets a resolver ask again: that is no reply, not a signature alone. */
START_TEST(where_there_is_no_reply_nothing_is_signed)
{
        ldns_pkt *packet;

        wait_for_checks(true);
        ck_assert_uint_eq(ask_signed("key.", TRANSPORT_UDP, &packet), 0);
        ck_assert_uint_gt(ask_signed("key.", TRANSPORT_TCP, &packet), 0);
        ck_assert_int_eq(ldns_pkt_get_rcode(packet), LDNS_RCODE_SERVFAIL);
        ldns_pkt_free(packet);
        wait_for_checks(false);
        ck_assert_uint_gt(ask_signed("key.", TRANSPORT_UDP, &packet), 0);
        ldns_pkt_free(packet);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("serve: signed questions");
        TCase *t = tcase_create("signed questions");

        tcase_add_checked_fixture(t, set_up, tear_down);
        tcase_add_test(t, a_signed_question_is_answered_and_signed);
        tcase_add_test(t, a_key_that_nobody_knows_is_told_so);
        tcase_add_test(t, where_there_is_no_reply_nothing_is_signed);
        suite_add_tcase(s, t);
        return run_suite(s);
}
