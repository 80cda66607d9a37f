/* Seeded synthetic worlds, asked through answer(): what comes back is compared with a plain reading of the
 * configuration. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buffer.h"
#include "base/log.h"
#include "gslbd/answer/answer.h"
#include "tests/unit/world.h"
#include "zones/dns/name.h"

#define WORLDS   60u
#define ASKED    30u /* times each question */
#define MANY     1000000u
#define YAML_MAX (1u << 20)

/* --- asking --- */

struct reply_seen {
        unsigned count, rcode, scope;
        uint8_t address[4]; /* of the first A */
};

static size_t put16(uint8_t *p, unsigned v)
{
        p[0] = (uint8_t)(v >> 8);
        p[1] = (uint8_t)v;
        return 2;
}

static size_t question(const char *name, const uint8_t client[4], uint8_t *out)
{
        static const uint8_t header[12] = {0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1};
        const char *why;
        uint8_t wire[NAME_WIRE_MAX];
        unsigned length = name_parse(name, NULL, wire, &why);
        size_t n = sizeof(header);

        memcpy(out, header, n);
        memcpy(out + n, wire, length);
        n += length;
        n += put16(out + n, TYPE_A);
        n += put16(out + n, CLASS_IN);
        out[n++] = 0; /* OPT (RFC 6891) with ECS (RFC 7871) */
        n += put16(out + n, TYPE_OPT);
        n += put16(out + n, 1232);
        n += put16(out + n, 0);
        n += put16(out + n, 0);
        n += put16(out + n, 4 + 4 + 3);
        n += put16(out + n, OPTION_ECS);
        n += put16(out + n, 4 + 3);
        n += put16(out + n, ECS_IPV4);
        out[n++] = 24;
        out[n++] = 0;
        memcpy(out + n, client, 3);
        return n + 3;
}

static void skip_name(struct reader *r)
{
        for (uint8_t n; (n = reader_u8(r)) && !r->failed;) {
                if (n >= 0xc0) {
                        reader_u8(r);
                        return;
                }
                reader_bytes(r, n);
        }
}

static void read_scope(struct reader *r, unsigned length, struct reply_seen *seen)
{
        struct reader options = reader_of(reader_bytes(r, length), length);

        while (reader_left(&options) >= 4) {
                unsigned code = reader_u16(&options), size = reader_u16(&options);
                const uint8_t *data = reader_bytes(&options, size);
                if (code == 8 && data)
                        seen->scope = data[3];
        }
}

static struct reply_seen reply_read(const uint8_t *reply, size_t length)
{
        struct reader r = reader_of(reply, length);
        struct reply_seen seen = {0};

        reader_u16(&r);
        seen.rcode = reader_u16(&r) & 15;
        reader_u16(&r);
        unsigned answers = reader_u16(&r), others = reader_u16(&r);
        others += reader_u16(&r);
        skip_name(&r);
        reader_bytes(&r, 4);
        for (unsigned i = 0; i < answers + others; i++) {
                skip_name(&r);
                unsigned type = reader_u16(&r);
                reader_bytes(&r, 6);
                unsigned size = reader_u16(&r);
                if (type == 41) {
                        read_scope(&r, size, &seen);
                        continue;
                }
                const uint8_t *data = reader_bytes(&r, size);
                if (i < answers && type == TYPE_A && data && !seen.count++)
                        memcpy(seen.address, data, 4);
        }
        ck_assert_msg(!r.failed, "the reply cannot be read");
        return seen;
}

static struct reply_seen ask(struct world *w, const uint8_t *query, size_t length)
{
        static const struct answer_settings settings = {0};
        static struct counters counters;
        uint8_t reply[ANSWER_UDP_MAX];
        struct answer_context context = {
                .snapshot = w->snapshot, .settings = &settings, .picker = &w->picker, .counters = &counters};
        struct answer_peer peer = {.address = {.family = ADDRESS_V4, .bytes = {127, 0, 0, 1}},
                                   .transport = TRANSPORT_UDP};
        size_t n = answer(&context, &peer, query, length, reply, sizeof(reply));

        if (!n)
                ck_abort_msg("no reply");
        return reply_read(reply, n);
}

/* --- worlds --- */

struct drawn {
        unsigned regions, pools, services;
        unsigned fallback[6][6], fallbacks[6];
        unsigned region_of[10], endpoints[10];
        int weights[10][4];
        bool down[10][4];
        unsigned of_service[8][4], pools_of[8];
        bool geo[8];
};

static void draw(struct random *r, struct drawn *d)
{
        memset(d, 0, sizeof(*d));
        d->regions = 2 + random_below(r, 4);
        d->pools = 2 + random_below(r, 8);
        d->services = 1 + random_below(r, 8);
        for (unsigned i = 0; i < d->regions; i++)
                for (unsigned k = 1; k < d->regions; k++)
                        if (random_below(r, 2))
                                d->fallback[i][d->fallbacks[i]++] = (i + k) % d->regions;
        for (unsigned p = 0; p < d->pools; p++) {
                d->region_of[p] = random_below(r, d->regions);
                d->endpoints[p] = random_below(r, 5);
                for (unsigned e = 0; e < d->endpoints[p]; e++) {
                        d->weights[p][e] = (int)random_below(r, 4);
                        d->down[p][e] = random_below(r, 3) > 0;
                }
        }
        for (unsigned s = 0; s < d->services; s++) {
                unsigned first = random_below(r, d->pools), wanted = 1 + random_below(r, 4);
                d->pools_of[s] = wanted < d->pools ? wanted : d->pools;
                for (unsigned k = 0; k < d->pools_of[s]; k++)
                        d->of_service[s][k] = (first + k) % d->pools;
                d->geo[s] = random_below(r, 4) > 0;
        }
}

static char *write_yaml(const struct drawn *d)
{
        struct buffer out = BUFFER_INIT(YAML_MAX);

        buffer_text(&out, "zones: [{name: g.example, ns: [ns1.example.net]}]\nregions:\n");
        for (unsigned i = 0; i < d->regions; i++) {
                buffer_printf(&out, "  - {name: r%u, default: %s, fallback: [", i, i ? "false" : "true");
                for (unsigned k = 0; k < d->fallbacks[i]; k++)
                        buffer_printf(&out, "%sr%u", k ? ", " : "", d->fallback[i][k]);
                buffer_text(&out, "]}\n");
        }
        buffer_text(&out, "networks:\n");
        for (unsigned i = 0; i < d->regions; i++)
                buffer_printf(&out, "  - {cidr: 10.%u.0.0/16, region: r%u}\n", i, i);
        buffer_text(&out, "pools:\n");
        for (unsigned p = 0; p < d->pools; p++) {
                buffer_printf(&out, "  - {name: p%u, region: r%u, endpoints: [", p, d->region_of[p]);
                for (unsigned e = 0; e < d->endpoints[p]; e++)
                        buffer_printf(&out, "%s{address: 192.0.%u.%u, weight: %d}", e ? ", " : "", p, e,
                                      d->weights[p][e]);
                buffer_text(&out, "]}\n");
        }
        buffer_text(&out, "services:\n");
        for (unsigned s = 0; s < d->services; s++) {
                buffer_printf(&out, "  - {name: s%u.g.example, steering: %s, pools: [", s,
                              d->geo[s] ? "geo" : "failover");
                for (unsigned k = 0; k < d->pools_of[s]; k++)
                        buffer_printf(&out, "%sp%u", k ? ", " : "", d->of_service[s][k]);
                buffer_text(&out, "]}\n");
        }
        return buffer_take(&out);
}

/* --- the plain reading --- */

static unsigned order_of(const struct drawn *d, unsigned s, unsigned region, unsigned *order)
{
        unsigned n = 0;
        bool taken[10] = {false};

        for (unsigned step = 0; d->geo[s] && step <= d->fallbacks[region]; step++) {
                unsigned wanted = step ? d->fallback[region][step - 1] : region;
                for (unsigned k = 0; k < d->pools_of[s]; k++)
                        if (d->region_of[d->of_service[s][k]] == wanted && !taken[k]) {
                                taken[k] = true;
                                order[n++] = d->of_service[s][k];
                        }
        }
        for (unsigned k = 0; k < d->pools_of[s]; k++)
                if (!taken[k])
                        order[n++] = d->of_service[s][k];
        return n;
}

/* Who may come back: bits of endpoints of *pool; 0 when nobody exists. */
static unsigned expected(const struct drawn *d, unsigned s, unsigned region, unsigned *pool)
{
        unsigned order[4], n = order_of(d, s, region, order);

        for (unsigned i = 0; i < n; i++) {
                unsigned weighted = 0, reserve = 0;
                *pool = order[i];
                for (unsigned e = 0; e < d->endpoints[*pool]; e++)
                        if (!d->down[*pool][e])
                                *(d->weights[*pool][e] ? &weighted : &reserve) |= 1u << e;
                if (weighted | reserve)
                        return weighted ? weighted : reserve;
        }
        for (unsigned i = 0; i < n; i++) {
                *pool = order[i];
                if (d->endpoints[*pool])
                        return (1u << d->endpoints[*pool]) - 1;
        }
        return 0;
}

static void check_question(struct world *w, const struct drawn *d, unsigned s, unsigned region, unsigned number)
{
        uint8_t query[600], client[4] = {10, (uint8_t)region, 7, 0};
        unsigned pool = 0, allowed = expected(d, s, region, &pool), seen_all = 0;
        char name[40];

        snprintf(name, sizeof(name), "s%u.g.example", s);
        size_t length = question(name, client, query);
        for (unsigned i = 0; i < ASKED; i++) {
                struct reply_seen seen = ask(w, query, length);
                ck_assert_uint_eq(seen.rcode, 0);
                if (!allowed) {
                        ck_assert_uint_eq(seen.count, 0);
                        continue;
                }
                ck_assert_msg(
                        seen.count == 1 && seen.address[2] == pool && allowed >> seen.address[3] & 1,
                        "world %u, service %u, region %u: %u answers, 192.0.%u.%u; expected pool %u, endpoints %#x",
                        number, s, region, seen.count, seen.address[2], seen.address[3], pool, allowed);
                ck_assert(seen.scope == 0 || (d->geo[s] && seen.scope == 16));
                seen_all |= 1u << seen.address[3];
        }
        ck_assert_uint_eq(seen_all & ~allowed, 0);
}

/* A scope of 0 says that all clients get the same choice. */
static void check_scope(struct world *w, const struct drawn *d, unsigned s)
{
        uint8_t query[600], client[4] = {10, 0, 7, 0};
        unsigned first = 0, other = 0, order[2][4];
        char name[40];

        snprintf(name, sizeof(name), "s%u.g.example", s);
        struct reply_seen seen = ask(w, query, question(name, client, query));
        for (unsigned r = 1; r < d->regions && seen.scope == 0; r++) {
                order_of(d, s, 0, order[0]);
                order_of(d, s, r, order[1]);
                ck_assert_uint_eq(expected(d, s, 0, &first), expected(d, s, r, &other));
                ck_assert_uint_eq(first, other);
        }
}

START_TEST(random_worlds_answer_as_a_plain_reading_of_them_does)
{
        struct random r;
        struct drawn d;

        random_seed(&r, 20260101);
        for (unsigned number = 0; number < WORLDS; number++) {
                draw(&r, &d);
                char *yaml = write_yaml(&d);
                struct world *w = world_new(yaml, NULL);
                for (unsigned round = 0; round < 3; round++) {
                        for (unsigned p = 0; p < d.pools; p++)
                                for (unsigned e = 0; e < d.endpoints[p]; e++) {
                                        char id[40];
                                        if (round)
                                                d.down[p][e] = random_below(&r, 3) > 0;
                                        snprintf(id, sizeof(id), "p%u/192.0.%u.%u", p, p, e);
                                        w->states[world_endpoint(w, id)].health =
                                                d.down[p][e] ? HEALTH_DOWN : HEALTH_UP;
                                }
                        world_update(w);
                        for (unsigned s = 0; s < d.services; s++) {
                                check_scope(w, &d, s);
                                for (unsigned region = 0; region < d.regions; region++)
                                        check_question(w, &d, s, region, number);
                        }
                }
                world_free(w);
                free(yaml);
        }
}
END_TEST

START_TEST(a_million_answers_follow_the_weights)
{
        struct world *w = world_new("regions: [{name: r, default: true}]\n"
                                    "zones: [{name: g.example, ns: [ns1.example.net]}]\n"
                                    "pools: [{name: p, region: r, endpoints: [{address: 192.0.0.0, weight: 1},\n"
                                    "  {address: 192.0.0.1, weight: 5}, {address: 192.0.0.2, weight: 94}]}]\n"
                                    "services: [{name: s.g.example, pools: [p]}]\n",
                                    NULL);
        uint8_t query[600];
        size_t length = question("s.g.example", (const uint8_t[4]){10, 1, 2, 0}, query);
        unsigned counts[3] = {0};

        for (unsigned i = 0; i < MANY; i++) {
                struct reply_seen seen = ask(w, query, length);
                if (seen.count != 1 || seen.address[3] > 2)
                        ck_abort_msg("%u answers", seen.count);
                counts[seen.address[3]]++;
        }
        ck_assert_double_lt(chi_square(counts, (double[]){1, 5, 94}, 3),
                            13.82); /* 2 degrees of freedom, one in a thousand */
        world_free(w);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("simulator");
        TCase *t = tcase_create("simulator");

        log_set_level(LOG_LEVEL_ERROR);
        tcase_set_timeout(t, 300);
        tcase_add_test(t, random_worlds_answer_as_a_plain_reading_of_them_does);
        tcase_add_test(t, a_million_answers_follow_the_weights);
        suite_add_tcase(suite, t);
        return world_run(suite);
}
