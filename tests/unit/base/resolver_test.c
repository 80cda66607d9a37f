/* base/resolver with a name server on the same event base. */
#include <dirent.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "base/resolver.h"
#include "tests/unit/name_server.h"
#include "tests/unit/suite.h"

static struct event_base *base;
static struct name_server *server;
static struct resolver *resolver;

static void setup(void)
{
        char error[200];

        base = event_base_new();
        server = name_server_start(base);
        const char *const servers[] = {server->address};
        const struct resolver_options o = {servers, 1, false};
        resolver = resolver_new(base, &o, error, sizeof(error));
        ck_assert_msg(resolver != NULL, "%s", error);
}

static void teardown(void)
{
        resolver_free(resolver);
        name_server_stop(server);
        event_base_free(base);
}

struct heard {
        unsigned calls;
        struct resolved resolved;
};

static void on_resolved(void *context, const struct resolved *r)
{
        struct heard *h = context;

        h->calls++;
        h->resolved = *r;
}

/* Turns the loop until `*count` is `wanted`. */
static void turn_until(const unsigned *count, unsigned wanted, unsigned seconds)
{
        uint64_t end = clock_ms() + seconds * UINT64_C(1000);
        const struct timeval soon = {0, 20000};

        while (*count < wanted) {
                ck_assert_msg(clock_ms() < end, "%u of %u in %u s", *count, wanted, seconds);
                event_base_loopexit(base, &soon);
                event_base_loop(base, EVLOOP_ONCE);
        }
}

static struct resolved find(const char *name)
{
        struct heard h = {0};

        resolver_ask(resolver, name, on_resolved, &h);
        ck_assert_uint_eq(h.calls, 0);
        turn_until(&h.calls, 1, 10);
        return h.resolved;
}

static unsigned entries(const char *path)
{
        DIR *d = opendir(path);
        unsigned n = 0;

        while (readdir(d))
                n++;
        closedir(d);
        return n;
}

static const char *text(const struct address *a)
{
        static char out[ADDRESS_TEXT_MAX];

        return address_format(a, out);
}

START_TEST(both_families_are_found_with_their_ttls)
{
        struct resolved r = find("two.example.");
        struct address all[2 * RESOLVER_ADDRESSES_MAX];

        ck_assert_uint_eq(r.v4.count, 2);
        ck_assert_uint_eq(r.v4.ttl_s, 300);
        ck_assert_uint_eq(r.v6.count, 1);
        ck_assert_uint_eq(r.v6.ttl_s, 60);
        ck_assert_uint_eq(resolved_list(&r, all), 3);
        ck_assert_str_eq(text(&all[0]), "2001:db8::1");
        ck_assert_str_eq(text(&all[2]), "192.0.2.2");
        ck_assert_uint_eq(server->with_edns, 2);
}
END_TEST

START_TEST(the_ttl_is_the_smallest_of_the_chain)
{
        struct resolved r = find("alias.example");

        ck_assert_uint_eq(r.v4.count, 1);
        ck_assert_str_eq(text(&r.v4.list[0]), "192.0.2.3");
        ck_assert_uint_eq(r.v4.ttl_s, 7);
        ck_assert_int_eq(r.v6.said, RESOLVER_ANSWERED);
        ck_assert_uint_eq(r.v6.count, 0);
}
END_TEST

START_TEST(a_truncated_reply_is_asked_for_again_over_tcp)
{
        struct resolved r = find("many.example");

        ck_assert_uint_eq(server->over_tcp, 2);
        ck_assert_uint_eq(r.v4.count, RESOLVER_ADDRESSES_MAX);
        ck_assert_str_eq(text(&r.v4.list[15]), "192.0.2.16");
        ck_assert_uint_eq(r.v4.ttl_s, 5);
}
END_TEST

START_TEST(no_name_no_data_and_silence_are_told_apart)
{
        struct resolved r = find("gone.example");

        ck_assert_int_eq(r.v4.said, RESOLVER_NO_NAME);
        r = find("none.example");
        ck_assert_int_eq(r.v4.said, RESOLVER_ANSWERED);
        ck_assert_uint_eq(r.v4.count + r.v6.count, 0);
        r = find("half.example");
        ck_assert_int_eq(r.v6.said, RESOLVER_SILENT);
        ck_assert_uint_eq(r.v4.count, 1);
        r = find("half.example");
        ck_assert_uint_eq(r.v4.count, 1);
        ck_assert_uint_le(server->over_udp, 2 + 2 + 1 + 2 + 1); /* what was found is kept, in spite of the silence */
}
END_TEST

START_TEST(who_asks_for_the_same_name_shares_one_question)
{
        struct heard h = {0}, cancelled = {0};

        for (int i = 0; i < 100; i++)
                resolver_ask(resolver, "two.example", on_resolved, &h);
        resolver_cancel(resolver_ask(resolver, "two.example", on_resolved, &cancelled));
        turn_until(&h.calls, 100, 10);
        ck_assert_uint_eq(cancelled.calls, 0);
        ck_assert_uint_eq(server->over_udp, 2);
        find("two.example");
        ck_assert_uint_eq(server->over_udp, 2);
}
END_TEST

START_TEST(what_is_cancelled_before_it_is_asked_is_not_asked)
{
        struct heard h = {0};

        resolver_cancel(resolver_ask(resolver, "two.example", on_resolved, &h));
        find("none.example");
        ck_assert_uint_eq(server->over_udp, 2);
        ck_assert_uint_eq(h.calls, 0);
}
END_TEST

START_TEST(ports_and_ids_are_different_each_time)
{
        unsigned ids = 0, ports = 0, count;
        struct heard h = {0};
        char name[30];

        for (int i = 0; i < 200; i++) {
                snprintf(name, sizeof(name), "two.example%d", i);
                resolver_ask(resolver, name, on_resolved, &h);
        }
        turn_until(&h.calls, 200, 20);
        count = server->over_udp;
        ck_assert_uint_ge(count, 400);
        for (unsigned i = 0; i < count; i++) {
                unsigned same_id = 0, same_port = 0;
                for (unsigned j = 0; j < i; j++) {
                        same_id |= server->seen[i].id == server->seen[j].id;
                        same_port |= server->seen[i].port == server->seen[j].port;
                }
                ids += !same_id;
                ports += !same_port;
        }
        ck_assert_msg(ids > count * 9 / 10 && ports > count * 9 / 10, "%u questions with %u ids from %u ports", count,
                      ids, ports);
        /* nor one behind the other */
        unsigned steps = 0;
        for (unsigned i = 1; i < count; i++)
                steps += (uint16_t)(server->seen[i].id - server->seen[i - 1].id) < 3;
        ck_assert_uint_lt(steps, count / 10);
}
END_TEST

START_TEST(two_thousand_names_at_a_silent_resolver_take_a_bounded_number_of_sockets_and_no_thread)
{
        unsigned descriptors = entries("/proc/self/fd"), threads = entries("/proc/self/task");
        struct heard h = {0};
        char name[30];

        server->silent = true;
        for (int i = 0; i < 2000; i++) {
                snprintf(name, sizeof(name), "dead%d.example", i);
                resolver_ask(resolver, name, on_resolved, &h);
        }
        turn_until(&server->over_udp, 2 * RESOLVER_LOOKUPS_MAX, 10);
        ck_assert_uint_le(entries("/proc/self/fd"), descriptors + 2 * RESOLVER_LOOKUPS_MAX);
        ck_assert_uint_eq(entries("/proc/self/task"), threads);
        turn_until(&h.calls, RESOLVER_LOOKUPS_MAX, 10); /* the first ones are told, the next ones begin */
        ck_assert_int_eq(h.resolved.v4.said, RESOLVER_SILENT);
        turn_until(&server->over_udp, 5 * RESOLVER_LOOKUPS_MAX, 10);
        ck_assert_uint_le(entries("/proc/self/fd"), descriptors + 2 * RESOLVER_LOOKUPS_MAX);
}
END_TEST

START_TEST(dead_names_do_not_stand_in_the_way_of_living_ones)
{
        struct heard dead = {0}, living = {0};
        char name[30];

        for (int round = 0; round < 2; round++) {
                for (int i = 0; i < RESOLVER_LOOKUPS_MAX; i++) {
                        snprintf(name, sizeof(name), "dead%d.example", i);
                        resolver_ask(resolver, name, on_resolved, &dead);
                }
                if (!round)
                        turn_until(&dead.calls, RESOLVER_LOOKUPS_MAX, 10);
        }
        resolver_ask(resolver, "two.example", on_resolved, &living);
        turn_until(&living.calls, 1, 10);
        ck_assert_uint_eq(dead.calls, RESOLVER_LOOKUPS_MAX);
        ck_assert_uint_eq(living.resolved.v4.count, 2);
}
END_TEST

/* Their tries alone would take 6 s: 1 and 1, then 2 and 2. */
START_TEST(two_silent_servers_take_no_longer_than_a_name_may)
{
        struct name_server *other = name_server_start(base);
        const char *const servers[] = {server->address, other->address};
        const struct resolver_options o = {servers, 2, false};
        uint64_t began = clock_ms();
        struct heard h = {0};
        char error[200];

        server->silent = other->silent = true;
        struct resolver *r = resolver_new(base, &o, error, sizeof(error));
        resolver_ask(r, "two.example", on_resolved, &h);
        turn_until(&h.calls, 1, 10);
        ck_assert_int_eq(h.resolved.v4.said, RESOLVER_SILENT);
        ck_assert_uint_gt(other->over_udp, 0);
        ck_assert_uint_ge(clock_ms() - began, RESOLVER_LOOKUP_MS);
        ck_assert_uint_lt(clock_ms() - began,
                          RESOLVER_LOOKUP_MS + 950); /* the next time-out of theirs is a second away */
        resolver_free(r);
        name_server_stop(other);
}
END_TEST

START_TEST(a_resolver_that_goes_leaves_nothing_behind)
{
        struct heard h = {0};

        resolver_ask(resolver, "dead.example", on_resolved, &h);
        resolver_ask(resolver, "two.example", on_resolved, &h);
        turn_until(&server->over_udp, 4, 10); /* the second one is answered, perhaps told: the first waits */
        ck_assert_uint_le(h.calls, 1);
}
END_TEST

START_TEST(servers_that_are_none_are_refused)
{
        static const char *const servers[] = {"nonsense"};
        const struct resolver_options o = {servers, 1, false};
        char error[200];

        ck_assert_ptr_null(resolver_new(base, &o, error, sizeof(error)));
        ck_assert_str_eq(error, "resolver: cannot ask nonsense");
}
END_TEST

/* What /etc/hosts says of this machine's first name that is no loopback's; skipped where there is none. */
static bool name_in_hosts(char name[100], char address[100])
{
        FILE *f = fopen("/etc/hosts", "re");
        char line[500];
        bool found = false;

        while (f && !found && fgets(line, sizeof(line), f))
                found = sscanf(line, "%99[0-9.] %99s", address, name) == 2 && strcmp(name, "localhost") != 0;
        if (f)
                fclose(f);
        return found;
}

START_TEST(the_hosts_file_counts_where_it_is_wanted)
{
        char name[100], address[100];
        const char *const servers[] = {server->address};
        const struct resolver_options o = {servers, 1, true};
        char error[200];

        resolver_free(resolver);
        resolver = resolver_new(base, &o, error, sizeof(error));
        struct resolved r = find("localhost");
        ck_assert_uint_eq(r.v4.count, 1);
        ck_assert_str_eq(text(&r.v4.list[0]), "127.0.0.1");
        ck_assert_str_eq(text(&r.v6.list[0]), "::1");
        ck_assert_uint_eq(server->over_udp, 0);
        if (name_in_hosts(name, address)) {
                r = find(name);
                ck_assert_uint_ge(r.v4.count, 1);
                ck_assert_str_eq(text(&r.v4.list[0]), address);
        }
        r = find("two.example");
        ck_assert_uint_eq(r.v4.count, 2);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("resolver");
        TCase *t = tcase_create("resolver");

        tcase_set_timeout(t, 60);
        tcase_add_checked_fixture(t, setup, teardown);
        tcase_add_test(t, both_families_are_found_with_their_ttls);
        tcase_add_test(t, the_ttl_is_the_smallest_of_the_chain);
        tcase_add_test(t, a_truncated_reply_is_asked_for_again_over_tcp);
        tcase_add_test(t, no_name_no_data_and_silence_are_told_apart);
        tcase_add_test(t, who_asks_for_the_same_name_shares_one_question);
        tcase_add_test(t, what_is_cancelled_before_it_is_asked_is_not_asked);
        tcase_add_test(t, ports_and_ids_are_different_each_time);
        tcase_add_test(t, two_thousand_names_at_a_silent_resolver_take_a_bounded_number_of_sockets_and_no_thread);
        tcase_add_test(t, dead_names_do_not_stand_in_the_way_of_living_ones);
        tcase_add_test(t, two_silent_servers_take_no_longer_than_a_name_may);
        tcase_add_test(t, a_resolver_that_goes_leaves_nothing_behind);
        tcase_add_test(t, servers_that_are_none_are_refused);
        tcase_add_test(t, the_hosts_file_counts_where_it_is_wanted);
        suite_add_tcase(s, t);
        return run_suite(s);
}
