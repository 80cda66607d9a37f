/* MMDB files that the test makes: good ones of every form, and damage that no editor of databases would write. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "geo/mmdb.h"
#include "tests/unit/mmdb_file.h"
#include "tests/unit/suite.h"

static char path[] = "mmdb_made_test.XXXXXX";
static char error[3000];

static struct geo *open_made(const struct mmdb_file *f)
{
        const char *paths[] = {path};

        mmdb_file_write(f, path);
        return geo_open(paths, 1, error, sizeof(error));
}

static void insert(struct mmdb_file *f, const char *network, uint32_t data)
{
        struct prefix p;

        ck_assert(prefix_parse(network, &p));
        mmdb_file_insert(f, &p, data);
}

static void expect_country(const struct geo *geo, const char *address, const char *country, unsigned length)
{
        struct geo_facts facts;
        struct address a;
        uint8_t found;

        ck_assert(address_parse(address, &a));
        bool known = geo_lookup(geo, &a, &facts, &found);
        ck_assert_msg(known == (length != 0), "%s", address);
        ck_assert_str_eq(facts.country, country);
        ck_assert_msg(found == length, "%s: /%u", address, found);
}

START_TEST(files_of_every_record_size_tell_networks_of_both_families)
{
        static const unsigned sizes[] = {24, 28, 32};

        for (size_t i = 0; i < 3; i++) {
                struct mmdb_file *f = mmdb_file_new(6, sizes[i]);
                uint32_t de = mmdb_country(f, "DE"), us = mmdb_country(f, "US");
                insert(f, "192.0.2.0/24", de);
                insert(f, "2001:db8::/32", us);
                struct geo *geo = open_made(f);
                ck_assert_msg(geo != NULL, "%s", error);
                expect_country(geo, "192.0.2.77", "DE", 24);
                expect_country(geo, "192.0.3.1", "", 0);
                expect_country(geo, "2001:db8::1", "US", 32);
                expect_country(geo, "2001:db9::1", "", 0);
                geo_close(geo);
                mmdb_file_free(f);
        }
}
END_TEST

START_TEST(other_ways_to_the_ipv4_part_are_not_networks_of_ipv6)
{
        struct mmdb_file *f = mmdb_file_new(6, 24);
        struct prefix mapped;
        uint32_t de = mmdb_country(f, "DE");

        insert(f, "192.0.2.0/24", de);
        ck_assert(prefix_parse("2002::/16", &mapped));
        mmdb_file_alias(f, &mapped);
        struct geo *geo = open_made(f);
        ck_assert_msg(geo != NULL, "%s", error);
        expect_country(geo, "192.0.2.1", "DE", 24);
        expect_country(geo, "2002:c000:201::1", "", 0);
        geo_close(geo);
        mmdb_file_free(f);
}
END_TEST

START_TEST(a_pointer_may_stand_for_any_part_of_a_record)
{
        struct mmdb_file *f = mmdb_file_new(4, 24);
        uint32_t key = mmdb_file_at(f);
        mmdb_text(f, "country");
        uint32_t inner = mmdb_file_at(f);
        mmdb_map(f, 1);
        mmdb_text(f, "iso_code");
        mmdb_text(f, "FR");
        uint32_t record = mmdb_file_at(f);
        mmdb_map(f, 1);
        mmdb_pointer(f, key);
        mmdb_pointer(f, inner);
        insert(f, "198.51.100.0/24", record);
        struct geo *geo = open_made(f);
        ck_assert_msg(geo != NULL, "%s", error);
        expect_country(geo, "198.51.100.9", "FR", 24);
        geo_close(geo);
        mmdb_file_free(f);
}
END_TEST

/* --- damage --- */

static void refused(struct mmdb_file *f, uint32_t record, const char *why)
{
        insert(f, "192.0.2.0/24", record);
        struct geo *geo = open_made(f);
        ck_assert_msg(geo == NULL, "taken; expected: %s", why);
        ck_assert_msg(strstr(error, path) && strstr(error, why), "expected \"%s\", got: %s", why, error);
        mmdb_file_free(f);
}

START_TEST(records_that_loop_or_nest_without_end_are_refused)
{
        struct mmdb_file *f = mmdb_file_new(4, 24);
        mmdb_array(f, 1);
        mmdb_pointer(f, 0); /* holds itself */
        refused(f, 0, "nested too deeply, or loops");

        f = mmdb_file_new(4, 24);
        mmdb_pointer(f, 0);
        refused(f, 0, "a pointer leads to a pointer");

        f = mmdb_file_new(4, 24);
        for (int i = 0; i < 100; i++)
                mmdb_array(f, 1);
        mmdb_number(f, 1);
        refused(f, 0, "nested too deeply");
}
END_TEST

/* Each level holds the one before twice: 2^40 values to whoever follows every pointer. */
START_TEST(records_that_double_at_each_level_are_read_in_time)
{
        struct mmdb_file *f = mmdb_file_new(4, 24);
        uint32_t before = mmdb_file_at(f);

        mmdb_number(f, 1);
        for (int i = 0; i < 40; i++) {
                uint32_t here = mmdb_file_at(f);
                mmdb_array(f, 2);
                mmdb_pointer(f, before);
                mmdb_pointer(f, before);
                before = here;
        }
        insert(f, "192.0.2.0/24", before);
        struct geo *geo = open_made(f); /* taken or refused, but soon: the test's time limit says */
        if (geo)
                expect_country(geo, "192.0.2.1", "", 24);
        geo_close(geo);
        mmdb_file_free(f);
}
END_TEST

START_TEST(records_that_do_not_fit_their_file_or_the_format_are_refused)
{
        static const struct {
                uint8_t bytes[8];
                size_t size;
                const char *why;
        } cases[] = {
                {{1, 4, 0x20 | 3 << 3, 0xff, 0xff, 0xff, 0xf0}, 7, "a pointer leads out of the file"},
                {{0xe1, 0xa1, 1, 0x41, 'x'}, 5, "a key of a map is no text"},
                {{0x00, 0x30}, 2, "unknown type"},
                {{0x69, 0, 0, 0, 0, 0}, 6, "wrong size"}, /* a double of nine bytes */
        };

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                struct mmdb_file *f = mmdb_file_new(4, 24);
                mmdb_bytes(f, cases[i].bytes, cases[i].size);
                refused(f, 0, cases[i].why);
        }
}
END_TEST

/* Reads the whole file, for tests that spoil it. */
static size_t slurp(uint8_t *bytes, size_t size)
{
        FILE *in = fopen(path, "rb");
        size_t n = in ? fread(bytes, 1, size, in) : 0;

        if (in)
                fclose(in);
        return n;
}

static void spill(const uint8_t *bytes, size_t size)
{
        FILE *out = fopen(path, "r+b");

        ck_assert(out && fwrite(bytes, 1, size, out) == size && !fclose(out) && !truncate(path, (off_t)size));
}

START_TEST(a_file_cut_off_or_spoiled_anywhere_crashes_nothing)
{
        struct mmdb_file *f = mmdb_file_new(6, 28);
        static uint8_t good[20000], bad[20000];
        const char *paths[] = {path};
        unsigned taken = 0;

        insert(f, "192.0.2.0/24", mmdb_country(f, "DE"));
        geo_close(open_made(f));
        size_t size = slurp(good, sizeof(good));
        ck_assert_uint_gt(size, 200);
        for (size_t at = 0; at < size; at++) {
                spill(good, at);
                ck_assert_ptr_null(geo_open(paths, 1, error, sizeof(error)));
                for (int bit = 0; bit < 8; bit += 3) {
                        memcpy(bad, good, size);
                        bad[at] ^= (uint8_t)(1 << bit);
                        spill(bad, size);
                        struct geo *geo = geo_open(paths, 1, error, sizeof(error));
                        struct geo_facts facts;
                        struct address a;
                        uint8_t length;
                        ck_assert(address_parse("192.0.2.1", &a));
                        if (geo)
                                geo_lookup(geo, &a, &facts, &length);
                        taken += geo != NULL;
                        geo_close(geo);
                }
        }
        ck_assert_uint_gt(taken, 0); /* a spoiled letter is a letter */
        mmdb_file_free(f);
}
END_TEST

START_TEST(a_file_overwritten_in_place_does_not_change_what_was_opened)
{
        struct mmdb_file *f = mmdb_file_new(4, 24);

        insert(f, "192.0.2.0/24", mmdb_country(f, "DE"));
        struct geo *geo = open_made(f);
        ck_assert_msg(geo != NULL, "%s", error);
        ck_assert(!truncate(path, 0)); /* a mapped file would end the process at the next look */
        expect_country(geo, "192.0.2.1", "DE", 24);
        geo_close(geo);
        mmdb_file_free(f);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("mmdb_made");
        TCase *t = tcase_create("mmdb_made");
        int fd = mkstemp(path);

        if (fd < 0)
                return EXIT_FAILURE;
        close(fd);
        tcase_set_timeout(t, 60);
        tcase_add_test(t, files_of_every_record_size_tell_networks_of_both_families);
        tcase_add_test(t, other_ways_to_the_ipv4_part_are_not_networks_of_ipv6);
        tcase_add_test(t, a_pointer_may_stand_for_any_part_of_a_record);
        tcase_add_test(t, records_that_loop_or_nest_without_end_are_refused);
        tcase_add_test(t, records_that_double_at_each_level_are_read_in_time);
        tcase_add_test(t, records_that_do_not_fit_their_file_or_the_format_are_refused);
        tcase_add_test(t, a_file_cut_off_or_spoiled_anywhere_crashes_nothing);
        tcase_add_test(t, a_file_overwritten_in_place_does_not_change_what_was_opened);
        suite_add_tcase(s, t);
        int status = run_suite(s);
        unlink(path);
        return status;
}
