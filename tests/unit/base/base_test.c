#include <arpa/inet.h>
#include <check.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/address.h"
#include "base/arena.h"
#include "base/best.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/hash.h"
#include "base/documents/problems.h"
#include "base/pattern.h"
#include "base/random.h"
#include "base/rcu.h"
#include "base/retry.h"
#include "tests/unit/suite.h"

START_TEST(prefixes_take_mapped_addresses_as_ipv4_and_no_leading_zeros)
{
        struct prefix p;
        char text[PREFIX_TEXT_MAX];

        ck_assert(prefix_parse("::ffff:192.0.2.0/120", &p));
        ck_assert_str_eq(prefix_format(&p, text), "192.0.2.0/24");
        ck_assert(prefix_parse("::ffff:192.0.2.1", &p));
        ck_assert_str_eq(prefix_format(&p, text), "192.0.2.1/32");
        ck_assert(prefix_parse("::/0", &p) && p.address.family == ADDRESS_V6);
        ck_assert(!prefix_parse("192.0.2.0/024", &p));
        ck_assert(!prefix_parse("2001:db8::/032", &p));
        ck_assert(prefix_parse("0.0.0.0/0", &p));
}
END_TEST

START_TEST(arena_pieces_are_zeroed_aligned_and_apart)
{
        struct arena *a = arena_new(0);
        char *before = NULL;

        for (size_t size = 0; size < 100000; size += size / 3 + 1) {
                char *p = arena_alloc(a, size);
                ck_assert_uint_eq((uintptr_t)p % (size % 16 ? 8 : 16), 0);
                for (size_t i = 0; i < size; i++)
                        ck_assert_int_eq(p[i], 0);
                memset(p, 0xff, size);
                ck_assert_ptr_ne(p, before);
                before = size ? p : before;
        }
        ck_assert_str_eq(arena_printf(a, "%d-%s", 7, "x"), "7-x");
        arena_free(a);
}
END_TEST

START_TEST(arena_with_a_limit_jumps_instead_of_growing)
{
        struct arena *a = arena_new(1 << 20);
        volatile size_t taken = 0;
        jmp_buf failure;

        if (!setjmp(failure)) {
                arena_on_failure(a, &failure);
                for (;;) {
                        arena_alloc(a, 10000);
                        taken += 10000;
                        ck_assert_uint_lt(taken, 2 << 20);
                }
        }
        ck_assert_uint_gt(taken, 500000);
        ck_assert_uint_le(arena_size(a), 1 << 20);
        arena_free(a);
}
END_TEST

START_TEST(arena_serves_small_pieces_up_to_its_limit)
{
        static const size_t limits[] = {1000, 65536, 1500000, 9 << 20};

        for (volatile size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
                struct arena *a = arena_new(limits[i]);
                volatile size_t taken = 0;
                jmp_buf failure;

                if (!setjmp(failure)) {
                        arena_on_failure(a, &failure);
                        for (; taken < 2 * limits[i]; taken += 16)
                                arena_alloc(a, 16);
                }
                ck_assert_uint_gt(taken, limits[i] / 10 * 9);
                ck_assert_uint_le(arena_size(a), limits[i]);
                arena_free(a);
        }
}
END_TEST

START_TEST(arena_gives_large_objects_chunks_of_their_own)
{
        struct arena *a = arena_new(0);
        char *small = arena_alloc(a, 16);
        char *large = arena_alloc(a, 10 << 20);

        memset(large, 1, 10 << 20);
        ck_assert_ptr_eq((char *)arena_alloc(a, 16), small + 16); /* the chunk at hand goes on */
        arena_free(a);
}
END_TEST

START_TEST(addresses_round_trip)
{
        static const char *const texts[] = {"0.0.0.0", "192.0.2.1",   "255.255.255.255",
                                            "::",      "2001:db8::1", "2001:db8:0:1::"};
        char out[ADDRESS_TEXT_MAX];
        struct address a;

        for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
                ck_assert(address_parse(texts[i], &a));
                ck_assert_str_eq(address_format(&a, out), texts[i]);
        }
        ck_assert(!address_parse("192.0.2", &a));
        ck_assert(!address_parse("[::1]", &a));
        ck_assert(!address_parse("", &a));
}
END_TEST

START_TEST(prefixes_refuse_host_bits_and_bad_lengths)
{
        struct prefix p;
        char out[PREFIX_TEXT_MAX];

        ck_assert(prefix_parse("192.0.2.0/24", &p));
        ck_assert_str_eq(prefix_format(&p, out), "192.0.2.0/24");
        ck_assert(prefix_parse("192.0.2.1", &p));
        ck_assert_int_eq(p.length, 32);
        ck_assert(prefix_parse("2001:db8::/29", &p));
        ck_assert(prefix_parse("0.0.0.0/0", &p));
        ck_assert(!prefix_parse("192.0.2.1/24", &p));
        ck_assert(!prefix_parse("192.0.2.0/33", &p));
        ck_assert(!prefix_parse("192.0.2.0/", &p));
        ck_assert(!prefix_parse("192.0.2.0/-1", &p));
        ck_assert(!prefix_parse("192.0.2.0/024x", &p));
}
END_TEST

START_TEST(prefix_contains_looks_at_single_bits)
{
        struct prefix p;
        struct address in, out, other;

        ck_assert(prefix_parse("10.128.0.0/9", &p));
        ck_assert(address_parse("10.255.1.1", &in) && address_parse("10.127.255.255", &out) &&
                  address_parse("::1", &other));
        ck_assert(prefix_contains(&p, &in));
        ck_assert(!prefix_contains(&p, &out));
        ck_assert(!prefix_contains(&p, &other));
}
END_TEST

START_TEST(socket_addresses_round_trip_and_mapped_ipv4_becomes_ipv4)
{
        static const char *const texts[][2] = {
                {"192.0.2.1", "192.0.2.1"}, {"2001:db8::1", "2001:db8::1"}, {"::ffff:192.0.2.1", "192.0.2.1"}};
        struct sockaddr_storage s;
        struct address a;
        uint16_t port;
        char out[ADDRESS_TEXT_MAX];

        for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
                ck_assert(address_parse(texts[i][0], &a));
                address_to_sockaddr(&a, 53, &s);
                address_from_sockaddr((const struct sockaddr *)&s, &a, &port);
                ck_assert_str_eq(address_format(&a, out), texts[i][1]);
                ck_assert_int_eq(port, 53);
        }
}
END_TEST

START_TEST(a_port_behind_needs_brackets_around_ipv6_only)
{
        struct address a;
        uint16_t port;
        char out[ADDRESS_PORT_TEXT_MAX];

        ck_assert(address_port_parse("127.0.0.1:53", &a, &port));
        ck_assert_int_eq(port, 53);
        ck_assert(address_port_parse("[::]:5300", &a, &port));
        ck_assert_str_eq(address_port_format(&a, port, out), "[::]:5300");
        ck_assert(!address_port_parse("::1:53", &a, &port));
        ck_assert(!address_port_parse("[127.0.0.1]:53", &a, &port));
        ck_assert(!address_port_parse("127.0.0.1", &a, &port));
        ck_assert(!address_port_parse("127.0.0.1:65536", &a, &port));
        ck_assert(!address_port_parse("127.0.0.1:", &a, &port));
}
END_TEST

START_TEST(durations_have_a_shortest_form)
{
        static const struct {
                int64_t ms;
                const char *text;
        } cases[] = {{500, "500ms"},  {5000, "5s"},     {90000, "90s"}, {120000, "2m"},
                     {7200000, "2h"}, {86400000, "1d"}, {0, "0s"}};
        char out[DURATION_TEXT_MAX];
        int64_t ms;

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                ck_assert_str_eq(duration_format(cases[i].ms, out), cases[i].text);
                ck_assert(duration_parse(cases[i].text, &ms));
                ck_assert_int_eq(ms, cases[i].ms);
        }
        ck_assert(!duration_parse("5", &ms));
        ck_assert(!duration_parse("5 s", &ms));
        ck_assert(!duration_parse("-5s", &ms));
        ck_assert(!duration_parse("99999999999999d", &ms));
        ck_assert(!duration_parse("999999999999d", &ms)); /* more than 64 bits of milliseconds */
}
END_TEST

START_TEST(times_round_trip_in_rfc_3339)
{
        char out[CLOCK_TEXT_MAX];
        int64_t ms;

        ck_assert_str_eq(clock_format(1769860800123, out), "2026-01-31T12:00:00.123Z");
        ck_assert(clock_parse(out, &ms));
        ck_assert_int_eq(ms, 1769860800123);
        ck_assert(clock_parse("2026-01-31T12:00:00Z", &ms));
        ck_assert(!clock_parse("2026-01-31", &ms));
        ck_assert(!clock_parse("2026-01-31T12:00:00+01:00", &ms));
        ck_assert(clock_parse("2026-01-31T12:00:00.5Z", &ms));
        ck_assert_int_eq(ms, 1769860800500);
        ck_assert(clock_parse(clock_format(-1, out), &ms));
        ck_assert_str_eq(out, "1969-12-31T23:59:59.999Z");
        ck_assert_int_eq(ms, -1);
}
END_TEST

/* Against the C library, over all years and the borders of days. */
START_TEST(times_are_those_of_the_calendar)
{
        const int64_t first = -62167219200, end = 253402300800; /* 1 January of years 0 and 10000 */
        char out[CLOCK_TEXT_MAX], expected[100];
        int64_t ms;

        for (int64_t s = first, n = 0; s < end; s += n++ % 3 == 0 ? 86399 : n % 3 == 0 ? 1 : 11 * 86400) {
                time_t seconds = (time_t)s;
                struct tm tm;
                ck_assert_ptr_nonnull(gmtime_r(&seconds, &tm));
                snprintf(expected, sizeof(expected), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
                         tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(n % 1000));
                ck_assert_str_eq(clock_format(s * 1000 + n % 1000, out), expected);
                ck_assert_msg(clock_parse(out, &ms), "%s", out);
                ck_assert_int_eq(ms, s * 1000 + n % 1000);
        }
        ck_assert_str_eq(clock_format(first * 1000, out), "0000-01-01T00:00:00.000Z");
        ck_assert_str_eq(clock_format(first * 1000 - 1, out), "-");
        ck_assert_str_eq(clock_format(end * 1000 - 1, out), "9999-12-31T23:59:59.999Z");
        ck_assert_str_eq(clock_format(end * 1000, out), "-");
        ck_assert_str_eq(clock_format(INT64_MIN, out), "-");
        ck_assert_str_eq(clock_format(INT64_MAX, out), "-");
}
END_TEST

START_TEST(times_that_do_not_exist_are_refused)
{
        static const char *const texts[] = {"2026-02-30T00:00:00Z",  "2026-1-2T3:4:5Z",
                                            " 2026-01-02T03:04:05Z", "2026-01-02T03:04:61Z",
                                            "26-01-02T03:04:05Z",    "2026-01-02T24:00:00Z",
                                            "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05Zx",
                                            "2025-02-29T00:00:00Z",  "1900-02-29T00:00:00Z",
                                            "2026-04-31T00:00:00Z",  "2026-13-01T00:00:00Z",
                                            "2026-00-01T00:00:00Z",  "2026-01-00T00:00:00Z",
                                            "2026-01-02T03:60:05Z",  "2026-01-02T03:04:60Z",
                                            "2026-01-02T03:04:05",   "2026-01-02T03:04:05.1234Z",
                                            "2026-01-02 03:04:05Z",  "+026-01-02T03:04:05Z",
                                            "2026-01-02T03:04:05z",  ""};
        int64_t ms;

        for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
                ck_assert_msg(!clock_parse(texts[i], &ms), "%s", texts[i]);
}
END_TEST

START_TEST(buffer_holds_what_is_printed_up_to_its_maximum_whatever_comes_together)
{
        char expected[700], piece[64];
        struct random random;

        random_seed(&random, 5);
        for (unsigned maximum = 0; maximum < 600; maximum += 7) {
                struct buffer b = BUFFER_INIT(maximum);
                size_t length = 0;
                for (;;) {
                        size_t size = random_below(&random, 40);
                        memset(piece, 'a' + (int)random_below(&random, 26), size);
                        piece[size] = '\0';
                        if (random_below(&random, 2))
                                buffer_printf(&b, "%s", piece);
                        else
                                buffer_text(&b, piece);
                        if (length + size > maximum)
                                break;
                        memcpy(expected + length, piece, size + 1);
                        length += size;
                        ck_assert(!b.overflow);
                        ck_assert_str_eq(b.data ? b.data : "", expected);
                        ck_assert_uint_eq(b.length, length);
                }
                ck_assert(b.overflow);
                ck_assert_uint_eq(b.length, length);
                ck_assert(!length || !strcmp(b.data, expected));
                buffer_printf(&b, "%s", "x");
                buffer_text(&b, "");
                ck_assert_uint_eq(b.length, length);
                buffer_free(&b);
        }
}
END_TEST

START_TEST(numbers_and_addresses_are_written_as_the_library_does)
{
        static const int64_t numbers[] = {0, 1, -1, 9, 10, -10, 99, 100, INT64_MAX, INT64_MIN};
        struct random random;
        char expected[64], text[ADDRESS_TEXT_MAX];

        random_seed(&random, 6);
        for (unsigned i = 0; i < 10000; i++) {
                struct buffer b = BUFFER_INIT(100);
                int64_t n = i < 10 ? numbers[i] : (int64_t)(random_next(&random) >> random_below(&random, 64));
                snprintf(expected, sizeof(expected), "%lld", (long long)n);
                buffer_number(&b, n);
                ck_assert_str_eq(b.data, expected);
                buffer_free(&b);
                struct address a = {.family = ADDRESS_V4};
                for (int byte = 0; byte < 4; byte++)
                        a.bytes[byte] = (uint8_t)random_below(&random, i % 2 ? 256 : 12);
                ck_assert_str_eq(address_format(&a, text), inet_ntop(AF_INET, a.bytes, expected, sizeof(expected)));
        }
}
END_TEST

START_TEST(buffer_stops_at_its_maximum_and_says_so)
{
        struct buffer b = BUFFER_INIT(10);

        buffer_text(&b, "12345");
        buffer_printf(&b, "%d", 67890);
        ck_assert(!b.overflow);
        buffer_text(&b, "x");
        ck_assert(b.overflow);
        ck_assert_str_eq(b.data, "1234567890");
        buffer_free(&b);
}
END_TEST

START_TEST(reader_gives_zero_behind_the_end)
{
        const uint8_t bytes[] = {1, 2, 3};
        struct reader r = reader_of(bytes, sizeof(bytes));

        ck_assert_int_eq(reader_u16(&r), 0x0102);
        ck_assert_int_eq(reader_u16(&r), 0);
        ck_assert(r.failed);
        ck_assert_int_eq(reader_u8(&r), 0);
}
END_TEST

START_TEST(siphash_gives_the_published_vector)
{
        /* Aumasson and Bernstein, SipHash: a fast short-input PRF, appendix A */
        uint8_t key[16], message[15];

        for (int i = 0; i < 16; i++)
                key[i] = (uint8_t)i;
        for (int i = 0; i < 15; i++)
                message[i] = (uint8_t)i;
        ck_assert_uint_eq(hash_sip(message, 15, key), 0xa129ca6149be45e5u);
        /* the reference implementation's vectors: empty, part of a word, a whole word */
        ck_assert_uint_eq(hash_sip(message, 0, key), 0x726fdb47dd0e0e31u);
        ck_assert_uint_eq(hash_sip(message, 3, key), 0x85676696d7fb7e2du);
        ck_assert_uint_eq(hash_sip(message, 8, key), 0x93f5f5799a932462u);
}
END_TEST

START_TEST(map_holds_ten_thousand_keys_through_removals)
{
        struct map *m = map_new();
        char key[20];
        static int values[10000];

        for (int i = 0; i < 10000; i++) {
                snprintf(key, sizeof(key), "key%d", i);
                ck_assert_ptr_null(map_set(m, key, &values[i]));
        }
        for (int i = 0; i < 10000; i += 3) {
                snprintf(key, sizeof(key), "key%d", i);
                ck_assert_ptr_eq(map_remove(m, key), &values[i]);
        }
        for (int i = 0; i < 10000; i++) {
                snprintf(key, sizeof(key), "key%d", i);
                ck_assert_ptr_eq(map_get(m, key), i % 3 ? &values[i] : NULL);
        }
        ck_assert_uint_eq(map_count(m), 6666);
        map_free(m);
}
END_TEST

START_TEST(map_walk_meets_every_key_once)
{
        struct map *m = map_new();
        static int seen[1000];
        char text[20];
        const char *key;
        void *value;
        size_t at = 0;

        for (int i = 0; i < 1000; i++) {
                snprintf(text, sizeof(text), "%d", i);
                map_set(m, text, &seen[i]);
        }
        while (map_next(m, &at, &key, &value))
                ck_assert_int_eq(++seen[atoi(key)], 1);
        for (int i = 0; i < 1000; i++)
                ck_assert_int_eq(seen[i], 1);
        map_free(m);
}
END_TEST

START_TEST(hash_spreads_near_keys_over_few_buckets_evenly)
{
        unsigned low[16] = {0}, high[16] = {0};
        char key[40];

        for (int i = 0; i < 16000; i++) {
                int length = snprintf(key, sizeof(key), "www%d.region.example.org", i);
                uint64_t h = hash_bytes(key, (size_t)length, 0);
                low[h & 15]++;
                high[h >> 60]++;
                ck_assert_uint_ne(h, hash_bytes(key, (size_t)length, 1));
                ck_assert_uint_ne(h, hash_bytes(key, (size_t)length - 1, 0));
        }
        for (int i = 0; i < 16; i++) {
                ck_assert(low[i] > 800 && low[i] < 1200);
                ck_assert(high[i] > 800 && high[i] < 1200);
        }
}
END_TEST

START_TEST(random_below_is_even)
{
        struct random r;
        unsigned counts[10] = {0};

        random_seed(&r, 1);
        for (int i = 0; i < 100000; i++)
                counts[random_below(&r, 10)]++;
        for (int i = 0; i < 10; i++) {
                ck_assert_uint_gt(counts[i], 9500);
                ck_assert_uint_lt(counts[i], 10500);
        }
}
END_TEST

START_TEST(problems_list_is_bounded_and_counts_on)
{
        struct problems p = PROBLEMS_INIT;

        for (int i = 0; i < PROBLEMS_MAX + 5; i++)
                problems_add(&p, "a.b", 3, "number %d", i);
        ck_assert_uint_eq(p.count, PROBLEMS_MAX);
        ck_assert_uint_eq(p.dropped, 5);
        char *text = problems_text(&p);
        ck_assert(!strncmp(text, "line 3: a.b: number 0\n", 22));
        free(text);
        problems_free(&p);
}
END_TEST

/* A reader that holds a pointer until it is told to let go. */
static struct {
        pthread_barrier_t holds, may_go;
        int *shared;
        int seen;
} rcu_test;

static void *hold_pointer(void *context)
{
        rcu_join();
        int *mine = rcu_get(rcu_test.shared);
        pthread_barrier_wait(&rcu_test.holds);
        pthread_barrier_wait(&rcu_test.may_go);
        rcu_test.seen = *mine; /* still there: no grace period has passed */
        rcu_quiet();
        rcu_leave();
        return NULL;
}

static int released;

static void release_int(void *p)
{
        __atomic_store_n(&released, 1, __ATOMIC_SEQ_CST);
        free(p);
}

START_TEST(retired_memory_outlives_its_readers)
{
        pthread_t reader;

        pthread_barrier_init(&rcu_test.holds, NULL, 2);
        pthread_barrier_init(&rcu_test.may_go, NULL, 2);
        rcu_test.shared = malloc(sizeof(int));
        *rcu_test.shared = 42;
        pthread_create(&reader, NULL, hold_pointer, NULL);
        pthread_barrier_wait(&rcu_test.holds);
        int *old = rcu_test.shared;
        rcu_put(rcu_test.shared, NULL);
        rcu_retire(old, release_int);
        ck_assert_int_eq(__atomic_load_n(&released, __ATOMIC_SEQ_CST), 0);
        pthread_barrier_wait(&rcu_test.may_go);
        pthread_join(reader, NULL);
        rcu_drain();
        ck_assert_int_eq(rcu_test.seen, 42);
        ck_assert_int_eq(__atomic_load_n(&released, __ATOMIC_SEQ_CST), 1);
}
END_TEST

static void *count_up(void *context)
{
        struct counters *c = counters_register();

        for (int i = 0; i < 10000; i++)
                counter_add(c, COUNTER_UDP_QUERIES, 1);
        return NULL;
}

static int by_number(const void *a, const void *b)
{
        const uint32_t *x = a, *y = b;

        return *x < *y ? -1 : *x > *y;
}

START_TEST(the_best_of_many_come_in_order)
{
        static uint32_t numbers[1000];

        for (uint32_t i = 0; i < 1000; i++)
                numbers[i] = i * 7919 % 1009; /* each another */
        for (size_t room = 0; room <= 1100; room += 11) {
                struct best best = best_new(room, by_number);
                uint32_t all[1000];
                for (int i = 0; i < 1000; i++)
                        best_add(&best, &numbers[i]);
                best_sort(&best);
                memcpy(all, numbers, sizeof(all));
                qsort(all, 1000, sizeof(*all), by_number);
                ck_assert_uint_eq(best.count, room < 1000 ? room : 1000);
                for (size_t i = 0; i < best.count; i++)
                        ck_assert_uint_eq(*(const uint32_t *)best.list[i], all[i]);
                best_free(&best);
        }
}
END_TEST

START_TEST(counters_of_all_threads_add_up)
{
        uint64_t before[COUNTER_COUNT], after[COUNTER_COUNT];
        pthread_t threads[4];

        counters_sum(before);
        for (int i = 0; i < 4; i++)
                pthread_create(&threads[i], NULL, count_up, NULL);
        for (int i = 0; i < 4; i++)
                pthread_join(threads[i], NULL);
        counters_sum(after);
        ck_assert_uint_eq(after[COUNTER_UDP_QUERIES] - before[COUNTER_UDP_QUERIES], 40000);
}
END_TEST

static struct pattern compiled(struct arena *a, const char *text)
{
        struct pattern p = {.text = text};
        char error[300];

        ck_assert_msg(pattern_compile(&p, a, error, sizeof(error)), "%s: %s", text, error);
        return p;
}

/* From no place that a match may begin at it takes many steps, from all of them it takes minutes. */
START_TEST(a_pattern_that_costs_much_at_every_byte_ends_in_time)
{
        static const char *const texts[] = {"[a-z]{0,300}[a-z]{0,300}[!?]", "[a-z]+[!?]"};
        static char data[65536];
        struct arena *a = arena_new(0);

        memset(data, 'a', sizeof(data));
        for (size_t i = 0; i < 2; i++) {
                struct pattern p = compiled(a, texts[i]);
                clock_t before = clock();
                ck_assert_int_eq(pattern_find(&p, data, sizeof(data), NULL), PATTERN_COSTLY);
                ck_assert_msg(clock() - before < 2 * CLOCKS_PER_SEC, "%s", texts[i]);
        }
        arena_free(a);
}
END_TEST

START_TEST(a_pattern_is_found_wherever_it_begins)
{
        static const char *const texts[] = {"xyz", "(?<=a)xyz", "x[a-z]*?z", "\\bxyz|axyz", "^xyz|.xyz"};
        static char data[2000];
        struct arena *a = arena_new(0);

        for (size_t at = 1; at + 3 <= sizeof(data); at++) {
                memset(data, 'a', sizeof(data));
                memcpy(data + at, "xyz", 3);
                for (size_t i = 0; i < 5 && at < 300; i++) {
                        struct pattern p = compiled(a, texts[i]);
                        size_t end = 0;
                        ck_assert_int_eq(pattern_find(&p, data, sizeof(data), &end), PATTERN_FOUND);
                        ck_assert_uint_eq(end, at + 3);
                }
                struct pattern behind = compiled(a, "z\\z");
                ck_assert_int_eq(pattern_find(&behind, data, sizeof(data), NULL),
                                 at + 3 == sizeof(data) ? PATTERN_FOUND : PATTERN_ABSENT);
                arena_free(a);
                a = arena_new(0);
        }
        arena_free(a);
}
END_TEST

START_TEST(what_fails_again_waits_twice_as_long_up_to_a_minute)
{
        struct retry r = {0};
        static const uint64_t waits[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};
        uint64_t now = 5;

        ck_assert(retry_may(&r, 0));
        for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++) {
                retry_failed(&r, now);
                now += waits[i];
                ck_assert(!retry_may(&r, now - 1));
                ck_assert(retry_may(&r, now));
        }
        retry_went_well(&r);
        ck_assert(retry_may(&r, 0));
        retry_failed(&r, now);
        ck_assert(retry_may(&r, now + 1000));
}
END_TEST

int main(void)
{
        Suite *s = suite_create("base");
        TCase *t = tcase_create("base");

        tcase_set_timeout(t, 60);
        tcase_add_test(t, prefixes_take_mapped_addresses_as_ipv4_and_no_leading_zeros);
        tcase_add_test(t, arena_pieces_are_zeroed_aligned_and_apart);
        tcase_add_test(t, arena_with_a_limit_jumps_instead_of_growing);
        tcase_add_test(t, arena_serves_small_pieces_up_to_its_limit);
        tcase_add_test(t, arena_gives_large_objects_chunks_of_their_own);
        tcase_add_test(t, addresses_round_trip);
        tcase_add_test(t, prefixes_refuse_host_bits_and_bad_lengths);
        tcase_add_test(t, prefix_contains_looks_at_single_bits);
        tcase_add_test(t, socket_addresses_round_trip_and_mapped_ipv4_becomes_ipv4);
        tcase_add_test(t, a_port_behind_needs_brackets_around_ipv6_only);
        tcase_add_test(t, durations_have_a_shortest_form);
        tcase_add_test(t, times_round_trip_in_rfc_3339);
        tcase_add_test(t, times_are_those_of_the_calendar);
        tcase_add_test(t, times_that_do_not_exist_are_refused);
        tcase_add_test(t, buffer_stops_at_its_maximum_and_says_so);
        tcase_add_test(t, buffer_holds_what_is_printed_up_to_its_maximum_whatever_comes_together);
        tcase_add_test(t, numbers_and_addresses_are_written_as_the_library_does);
        tcase_add_test(t, reader_gives_zero_behind_the_end);
        tcase_add_test(t, siphash_gives_the_published_vector);
        tcase_add_test(t, map_holds_ten_thousand_keys_through_removals);
        tcase_add_test(t, map_walk_meets_every_key_once);
        tcase_add_test(t, hash_spreads_near_keys_over_few_buckets_evenly);
        tcase_add_test(t, random_below_is_even);
        tcase_add_test(t, a_pattern_that_costs_much_at_every_byte_ends_in_time);
        tcase_add_test(t, a_pattern_is_found_wherever_it_begins);
        tcase_add_test(t, problems_list_is_bounded_and_counts_on);
        tcase_add_test(t, retired_memory_outlives_its_readers);
        tcase_add_test(t, the_best_of_many_come_in_order);
        tcase_add_test(t, counters_of_all_threads_add_up);
        tcase_add_test(t, what_fails_again_waits_twice_as_long_up_to_a_minute);
        suite_add_tcase(s, t);
        return run_suite(s);
}
