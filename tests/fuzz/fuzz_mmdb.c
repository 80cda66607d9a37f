/* Any bytes as a GeoIP database: memory safe; it is refused with a reason, or a table for the answer path comes out of
 * it that agrees with what the database says of an address. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "geo/locate.h"
#include "geo/mmdb.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__asan_default_options(void);

/* libmaxminddb forgets some of the metadata of a file that it refuses. */
const char *__asan_default_options(void)
{
        return "detect_leaks=0";
}

static uint32_t classify(void *context, const struct geo_facts *facts, int network)
{
        return facts ? 1 + (uint32_t)(unsigned char)facts->country[0] : 0;
}

static void ask(const struct geo *geo, const struct locator *l, const char *text)
{
        struct prefix client;
        struct geo_facts facts;
        uint8_t length, scope;

        must(prefix_parse(text, &client));
        bool known = geo_lookup(geo, &client.address, &facts, &length);
        uint32_t class = locator_find(l, &client, &scope);
        must(class == classify(NULL, known ? &facts : NULL, -1));
        must(scope <= 128);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char *const clients[] = {"192.0.2.1/32",       "198.51.100.9/32", "0.0.0.0/32",
                                              "255.255.255.255/32", "2001:db8::1/128", "::/128"};
        char path[40], error[3000] = "";
        const char *paths[] = {path};
        int fd = memfd_create("mmdb", MFD_CLOEXEC);

        must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        struct geo *geo = geo_open(paths, 1, error, sizeof(error));
        must(geo || *error);
        if (geo) {
                struct locator *l = locator_build(geo, NULL, 0, classify, NULL, error, sizeof(error));
                must(l || *error);
                for (size_t i = 0; l && i < sizeof(clients) / sizeof(*clients); i++)
                        ask(geo, l, clients[i]);
                locator_free(l);
                geo_close(geo);
        }
        close(fd);
        return 0;
}
