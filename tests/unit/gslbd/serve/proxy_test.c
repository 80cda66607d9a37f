/* Headers of the PROXY protocol, version 2: good ones, bad ones, and any bytes. */
#include <string.h>
#include "base/random.h"
#include "gslbd/serve/proxy.h"
#include "tests/unit/suite.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"

static uint8_t header[PROXY_MAX];

static void make(uint8_t version_command, uint8_t family, size_t length)
{
        memset(header, 0, sizeof(header));
        memcpy(header, SIGNATURE, 12);
        header[12] = version_command;
        header[13] = family;
        header[14] = (uint8_t)(length >> 8);
        header[15] = (uint8_t)length;
        memcpy(header + PROXY_HEAD, "\x0a\x01\x02\x03", 4);
}

START_TEST(a_header_says_how_long_it_is)
{
        static const struct {
                uint8_t version_command;
                size_t rest, whole;
        } cases[] = {{0x21, 12, 28}, {0x20, 0, 16}, {0x21, 1008, 1024}, {0x21, 1009, 0},
                     {0x11, 12, 0},  {0x22, 12, 0}, {0x31, 12, 0}};

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                make(cases[i].version_command, 0x11, cases[i].rest);
                ck_assert_uint_eq(proxy_header_length(header), cases[i].whole);
        }
        make(0x21, 0x11, 12);
        header[5] = 'x';
        ck_assert_uint_eq(proxy_header_length(header), 0);
}
END_TEST

START_TEST(a_header_names_the_client_or_leaves_it_as_it_is)
{
        static const struct {
                uint8_t version_command, family;
                size_t rest;
                bool good;
                const char *client;
        } cases[] = {{0x21, 0x11, 12, true, "10.1.2.3"},  {0x21, 0x21, 36, true, "a01:203::"},
                     {0x20, 0x11, 12, true, "192.0.2.9"}, {0x21, 0x00, 0, true, "192.0.2.9"},
                     {0x21, 0x12, 12, true, "192.0.2.9"}, {0x21, 0x11, 11, false, ""},
                     {0x21, 0x21, 35, false, ""},         {0x21, 0x31, 216, true, "192.0.2.9"}};

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                struct address client;
                char text[ADDRESS_TEXT_MAX];
                ck_assert(address_parse("192.0.2.9", &client));
                make(cases[i].version_command, cases[i].family, cases[i].rest);
                bool good = proxy_client(header, PROXY_HEAD + cases[i].rest, &client);
                ck_assert_msg(good == cases[i].good, "case %zu", i);
                if (good)
                        ck_assert_str_eq(address_format(&client, text), cases[i].client);
        }
}
END_TEST

START_TEST(any_bytes_are_read_without_harm)
{
        struct random r;

        random_seed(&r, 1);
        for (int round = 0; round < 100000; round++) {
                struct address client = {0};
                make((uint8_t)random_below(&r, 256), (uint8_t)random_below(&r, 256), random_below(&r, 1200));
                size_t length = proxy_header_length(header);
                if (length)
                        proxy_client(header, length, &client);
        }
}
END_TEST

int main(void)
{
        Suite *s = suite_create("proxy");
        TCase *t = tcase_create("proxy");

        tcase_add_test(t, a_header_says_how_long_it_is);
        tcase_add_test(t, a_header_names_the_client_or_leaves_it_as_it_is);
        tcase_add_test(t, any_bytes_are_read_without_harm);
        suite_add_tcase(s, t);
        return run_suite(s);
}
