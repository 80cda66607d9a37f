/* MaxMind's public test databases, good and malformed: run where GSLBD_MMDB_DATA names a folder with test-data/ and
 * bad-data/. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "geo/locate.h"
#include "geo/mmdb.h"
#include "tests/unit/suite.h"

static char error[3000];

static const char *data; /* the folder */

static struct geo *open_one(const char *name)
{
        char path[2000];
        const char *paths[] = {path};

        snprintf(path, sizeof(path), "%s/%s", data, name);
        return geo_open(paths, 1, error, sizeof(error));
}

START_TEST(city_country_and_asn_files_tell_their_facts)
{
        char city[2000], asn[2000];
        const char *paths[] = {city, asn};

        snprintf(city, sizeof(city), "%s/test-data/GeoIP2-City-Test.mmdb", data);
        snprintf(asn, sizeof(asn), "%s/test-data/GeoLite2-ASN-Test.mmdb", data);
        struct geo *geo = geo_open(paths, 2, error, sizeof(error));
        struct geo_facts f;
        struct address a;
        uint8_t length;

        ck_assert_msg(geo != NULL, "%s", error);
        ck_assert(address_parse("81.2.69.160", &a) && geo_lookup(geo, &a, &f, &length));
        ck_assert_str_eq(f.country, "GB");
        ck_assert_str_eq(f.continent, "EU");
        ck_assert_str_eq(f.subdivision, "GB-ENG");
        ck_assert(f.has_location && f.latitude > 51 && f.latitude < 52);
        ck_assert_uint_eq(length, 27);
        ck_assert(address_parse("1.128.0.0", &a) && geo_lookup(geo, &a, &f, &length));
        ck_assert_uint_eq(f.asn, 1221);
        ck_assert(address_parse("2001:220::1", &a) && geo_lookup(geo, &a, &f, &length));
        ck_assert_str_eq(f.country, "KR");
        ck_assert(address_parse("10.0.0.1", &a) && !geo_lookup(geo, &a, &f, &length));
        geo_close(geo);
}
END_TEST

static uint32_t class_of_country(void *context, const struct geo_facts *f, int network)
{
        return f && f->country[0] ? (uint32_t)(unsigned char)f->country[0] << 8 | (unsigned char)f->country[1] : 0;
}

START_TEST(the_compiled_table_says_what_the_file_says)
{
        static const char *const files[] = {"test-data/GeoIP2-City-Test.mmdb", "test-data/GeoLite2-Country-Test.mmdb",
                                            "test-data/GeoIP2-Country-Test.mmdb"};
        struct prefix client = {.length = 32, .address.family = ADDRESS_V4};

        for (size_t i = 0; i < 3; i++) {
                struct geo *geo = open_one(files[i]);
                ck_assert_msg(geo != NULL, "%s", error);
                struct locator *l = locator_build(geo, NULL, 0, class_of_country, NULL, error, sizeof(error));
                ck_assert_msg(l != NULL, "%s", error);
                for (uint32_t n = 0; n < 1 << 18; n++) { /* every /18 of IPv4 */
                        struct geo_facts f;
                        uint8_t length, scope;
                        client.address.bytes[0] = (uint8_t)(n >> 10);
                        client.address.bytes[1] = (uint8_t)(n >> 2);
                        client.address.bytes[2] = (uint8_t)(n << 6);
                        bool known = geo_lookup(geo, &client.address, &f, &length);
                        ck_assert_uint_eq(locator_find(l, &client, &scope),
                                          class_of_country(NULL, known ? &f : NULL, -1));
                }
                locator_free(l);
                geo_close(geo);
        }
}
END_TEST

START_TEST(every_record_size_and_ip_version_can_be_read)
{
        static const char *const files[] = {
                "test-data/MaxMind-DB-test-ipv4-24.mmdb",       "test-data/MaxMind-DB-test-ipv4-28.mmdb",
                "test-data/MaxMind-DB-test-ipv4-32.mmdb",       "test-data/MaxMind-DB-test-ipv6-24.mmdb",
                "test-data/MaxMind-DB-test-mixed-28.mmdb",      "test-data/MaxMind-DB-test-mixed-32.mmdb",
                "test-data/MaxMind-DB-no-ipv4-search-tree.mmdb"};

        for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
                struct geo *geo = open_one(files[i]);
                ck_assert_msg(geo != NULL, "%s", error);
                struct locator *l = locator_build(geo, NULL, 0, class_of_country, NULL, error, sizeof(error));
                ck_assert_msg(l != NULL, "%s: %s", files[i], error);
                locator_free(l);
                geo_close(geo);
        }
}
END_TEST

START_TEST(damaged_files_are_refused_by_name)
{
        static const char *const files[] = {"test-data/MaxMind-DB-test-broken-search-tree-24.mmdb",
                                            "test-data/MaxMind-DB-test-broken-pointers-24.mmdb",
                                            "test-data/GeoIP2-City-Test-Invalid-Node-Count.mmdb"};

        for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
                struct geo *geo = open_one(files[i]);
                ck_assert_msg(geo == NULL, "%s was taken", files[i]);
                ck_assert_msg(strstr(error, files[i]) != NULL, "%s", error);
        }
}
END_TEST

/* Opens every file below bad-data/FOLDER; returns how many there were. */
static unsigned try_folder(const char *folder)
{
        char path[600], name[1000];
        unsigned count = 0;

        snprintf(path, sizeof(path), "%s/bad-data/%s", data, folder);
        DIR *directory = opendir(path);
        if (!directory)
                return 0;
        for (struct dirent *e; (e = readdir(directory));) {
                if (e->d_name[0] == '.')
                        continue;
                snprintf(name, sizeof(name), "bad-data/%s/%s", folder, e->d_name);
                struct geo *geo = open_one(name);
                struct locator *l =
                        geo ? locator_build(geo, NULL, 0, class_of_country, NULL, error, sizeof(error)) : NULL;
                ck_assert_msg(geo || strstr(error, e->d_name), "%s: %s", name, error);
                locator_free(l);
                geo_close(geo);
                count++;
        }
        closedir(directory);
        return count;
}

START_TEST(malformed_files_crash_nothing)
{
        ck_assert_uint_ge(try_folder("libmaxminddb") + try_folder("maxminddb-golang") + try_folder("maxminddb-python"),
                          10);
}
END_TEST

int main(void)
{
        data = getenv("GSLBD_MMDB_DATA");
        if (!data || !*data) {
                puts("skipped: GSLBD_MMDB_DATA names no folder of test databases");
                return 77;
        }
        Suite *s = suite_create("mmdb");
        TCase *t = tcase_create("mmdb");

        tcase_set_timeout(t, 120);
        tcase_add_test(t, city_country_and_asn_files_tell_their_facts);
        tcase_add_test(t, the_compiled_table_says_what_the_file_says);
        tcase_add_test(t, every_record_size_and_ip_version_can_be_read);
        tcase_add_test(t, damaged_files_are_refused_by_name);
        tcase_add_test(t, malformed_files_crash_nothing);
        suite_add_tcase(s, t);
        return run_suite(s);
}
