#include "tests/unit/random_items.h"

#include <string.h>

const char *const random_regions[] = {"eu", "us", "ap", "sa"};
const char *const random_networks[] = {"10.1.0.0/16",    "10.1.2.0/24",     "10.2.0.0/16",
                                       "192.168.0.0/16", "2001:db8:1::/48", "0.0.0.0/1"};
const char *const random_monitors[] = {"m0", "m1", "m2", "told"};
const char *const random_pools[] = {"p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p10", "p11"};
const char *const random_zones[] = {"g.example", "sub.g.example", "deep.sub.g.example", "other.test"};
/* n0, n1, n2 are what pools contain; the rest stands where something else may stand, above or below. */
const char *const random_services[] = {
        "n0.g.example",      "n1.g.example",           "n2.sub.g.example", "www.g.example",
        "a.g.example",       "*.w.g.example",          "x.w.g.example",    "g.example",
        "sub.g.example",     "www.sub.g.example",      "in.cut.g.example", "x.d.g.example",
        "b.empty.g.example", "www.deep.sub.g.example", "*.g.example",      "www.other.test",
        "other.test",        "*.sub.g.example",        "d.g.example"};
const unsigned random_region_count = COUNT_OF(random_regions), random_network_count = COUNT_OF(random_networks),
               random_monitor_count = COUNT_OF(random_monitors), random_pool_count = COUNT_OF(random_pools),
               random_zone_count = COUNT_OF(random_zones), random_service_count = COUNT_OF(random_services);

bool chance(struct random *r, unsigned percent)
{
        return random_below(r, 100) < percent;
}

const char *one_of(struct random *r, const char *const *list, unsigned count)
{
        return list[random_below(r, count)];
}

/* "a", "b", without one twice; at least `least`. */
static void some_of(struct random *r, const char *const *list, unsigned count, unsigned least, struct buffer *out)
{
        unsigned first = random_below(r, count), n = least + random_below(r, count - least + 1);

        for (unsigned i = 0; i < n; i++)
                buffer_printf(out, "%s\"%s\"", i ? ", " : "", list[(first + i) % count]);
}

/* --- where clients are, and how it is checked --- */

void random_region(struct random *r, unsigned n, struct buffer *out)
{
        static const char *const matches[] = {"continent:EU", "country:DE", "continent:NA",
                                              "country:US",   "country:BR", "subdivision:US-CA"};
        static const char *const places[] = {"[50.1, 8.7]", "[39.0, -77.5]", "[1.3, 103.8]", "[-23.5, -46.6]"};

        buffer_printf(out, "{\"name\": \"%s\", \"match\": [", random_regions[n]);
        some_of(r, matches, COUNT_OF(matches), 0, out);
        buffer_text(out, "], \"fallback\": [");
        if (chance(r, 80)) { /* not itself, mostly */
                unsigned skip = chance(r, 95) ? 1 : 0;
                for (unsigned i = skip; i < skip + 1 + random_below(r, 3); i++)
                        buffer_printf(out, "%s\"%s\"", i > skip ? ", " : "",
                                      random_regions[(n + i) % random_region_count]);
        }
        buffer_printf(out, "], \"bias\": %u, \"default\": %s", random_below(r, 60), n ? "false" : "true");
        if (chance(r, 80))
                buffer_printf(out, ", \"location\": %s", places[(n + chance(r, 20)) % COUNT_OF(places)]);
        buffer_text(out, "}");
}

void random_network(struct random *r, unsigned n, struct buffer *out)
{
        buffer_printf(out, "{\"cidr\": \"%s\", \"region\": \"%s\"}", random_networks[n],
                      one_of(r, random_regions, random_region_count));
}

void random_monitor(struct random *r, unsigned n, struct buffer *out)
{
        static const char *const quorums[] = {"\"majority\"", "\"any\"", "\"all\"", "2", "\"60%\""};

        buffer_printf(out, "{\"name\": \"%s\", ", random_monitors[n]);
        if (n == 3)
                buffer_printf(out, "\"type\": \"external\", \"external\": {\"when_silent\": \"%s\"}}",
                              chance(r, 50) ? "unknown" : "up");
        else
                buffer_printf(out, "\"type\": \"%s\", \"interval\": \"%us\", \"port\": %u, \"quorum\": %s}",
                              n == 2 ? "tcp" : "http", 3 + random_below(r, 20), 8000 + random_below(r, 10),
                              ONE_OF(r, quorums));
}

/* --- rules --- */

void random_rules(struct random *r, unsigned n, struct buffer *out)
{
        buffer_printf(out, "{\"regions_serving\": %u", random_below(r, 3));
        if (chance(r, 40))
                buffer_printf(out, ", \"drains\": {\"max_for\": \"%ud\"}", 1 + random_below(r, 5));
        buffer_text(out, "}");
}

/* --- pools --- */

static const char *const failbacks[] = {"auto", "manual", "delayed 1h"};

/* Whose hours are over soon, last for long, or are elsewhere. What they say stands before it. */
static void schedules(struct random *r, const char *says, struct buffer *out)
{
        static const char *const zones[] = {"UTC", "Asia/Tokyo", "America/New_York"};

        buffer_text(out, ", \"schedules\": [");
        for (unsigned i = 0, count = 1 + random_below(r, 2); i < count; i++)
                buffer_printf(out, "%s{\"from\": \"%02u:00\", \"to\": \"%02u:30\", \"time_zone\": \"%s\", %s}",
                              i ? ", " : "", random_below(r, 24), random_below(r, 24), ONE_OF(r, zones), says);
        buffer_text(out, "]");
}

void random_endpoint(struct random *r, unsigned pool, unsigned n, struct buffer *out)
{
        static const char *const hosts[] = {"two.example.net", "here.example.net"};

        buffer_printf(out, "{\"name\": \"e%u\", \"address\": \"", n);
        if (pool == 5)
                buffer_text(out, hosts[n % 2]);
        else if (n % 4 == 3)
                buffer_printf(out, "2001:db8::%u:%u", pool, n + (chance(r, 20) ? 100 : 0));
        else
                buffer_printf(out, "192.0.%u.%u", pool, n + (chance(r, 20) ? 100 : 1));
        buffer_printf(out, "\", \"weight\": %u", chance(r, 5) ? 0 : random_below(r, 100));
        if (chance(r, 20))
                buffer_printf(out, ", \"priority\": %u", random_below(r, 3));
        if (n && chance(r, 10)) /* e0 stays, so that a pool that was once measured always is */
                buffer_text(out, ", \"enabled\": false");
        if (chance(r, 10))
                buffer_text(out, ", \"backup\": true");
        if (chance(r, 20))
                buffer_text(out, ", \"labels\": [\"rack7\"]");
        if (chance(r, 10) && pool < 5)
                buffer_printf(out, ", \"monitor\": {\"interval\": \"%us\"}", 4 + random_below(r, 9));
        if (chance(r, 10))
                buffer_printf(out, ", \"failback\": \"%s\"", ONE_OF(r, failbacks));
        if (n && chance(r, 15))
                schedules(r,
                          chance(r, 50)   ? "\"weight\": 7"
                          : chance(r, 50) ? "\"enabled\": false"
                                          : "\"enabled\": true",
                          out);
        if (chance(r, 5)) /* far above what is told: sheds nothing */
                buffer_text(out, ", \"max_load\": 100000");
        buffer_text(out, "}");
}

/* A pool is checked always in one way, or never: what is known of an endpoint that was once checked has a history. */
static void pool_monitor(struct random *r, unsigned n, struct buffer *out)
{
        if (RANDOM_POOL_TOLD(n))
                buffer_text(out, ", \"monitor\": \"told\"");
        else if (n < 9 && chance(r, 20))
                buffer_printf(out, ", \"monitor\": {\"name\": \"m%u\", \"interval\": \"%us\"}", random_below(r, 3),
                              5 + random_below(r, 5));
        else if (n < 9)
                buffer_printf(out, ", \"monitor\": \"m%u\"", random_below(r, 3));
}

void random_pool(struct random *r, unsigned n, struct buffer *out)
{
        static const char *const balances[] = {"weighted", "weighted", "round_robin", "failover",
                                               "random",   "hash",     "all"};
        static const char *const checked[] = {"fastest", "weighted", "score"};

        buffer_printf(out, "{\"name\": \"%s\", \"region\": \"%s\"", random_pools[n],
                      one_of(r, random_regions, random_region_count));
        if (chance(r, 5))
                buffer_text(out, ", \"enabled\": false");
        if (chance(r, 30))
                buffer_text(out, ", \"labels\": [\"blue\"]");
        if (n >= 10 && chance(r, 90)) {
                buffer_printf(out, ", \"service\": \"%s\"}", random_services[random_below(r, chance(r, 95) ? 3 : 6)]);
                return;
        }
        pool_monitor(r, n, out);
        buffer_printf(out, ", \"balance\": \"%s\"",
                      RANDOM_POOL_FIGURED(n)   ? "least_load"
                      : n < 5 && chance(r, 30) ? ONE_OF(r, checked)
                                               : ONE_OF(r, balances));
        if (chance(r, 30))
                buffer_printf(out, ", \"answers\": %u", random_below(r, 4));
        if (chance(r, 20))
                buffer_printf(out, ", \"min_healthy\": %s", chance(r, 50) ? "2" : "\"50%\"");
        if (chance(r, 20))
                buffer_printf(out, ", \"hash\": {\"prefix_v4\": %u, \"salt\": \"s%u\"}", 16 + random_below(r, 16),
                              random_below(r, 3));
        if (chance(r, 15))
                schedules(r, chance(r, 50) ? "\"enabled\": false" : "\"enabled\": true", out);
        if (chance(r, 15))
                buffer_printf(out, ", \"failback\": \"%s\"", ONE_OF(r, failbacks));
        if (chance(r, 10)) /* over at the next tick */
                buffer_text(out, ", \"slow_start\": \"1ms\"");
        buffer_text(out, ", \"endpoints\": [");
        bool first = true;
        for (unsigned e = 0; e < RANDOM_ENDPOINTS; e++)
                if ((n < 9 && !e) || chance(r, 35)) {
                        buffer_text(out, first ? "" : ", ");
                        random_endpoint(r, n, e, out);
                        first = false;
                }
        buffer_text(out, "]}");
}

/* --- zones --- */

void random_record(struct random *r, struct buffer *out)
{
        /* Owner, type, data; some exclude each other, some hide others. */
        static const char *const records[][3] = {
                {"@", "TXT", "v=1"},
                {"@", "MX", "10 a"},
                {"a", "A", "198.51.100.1"},
                {"a", "AAAA", "2001:db8:2::1"},
                {"www", "TXT", "beside a service"},
                {"b", "CNAME", "a"},
                {"b", "A", "198.51.100.2"},
                {"c", "CNAME", "www"},
                {"c2", "CNAME", "c"},
                {"loop", "CNAME", "loop2"},
                {"loop2", "CNAME", "loop"},
                {"*", "TXT", "all else"},
                {"*.w", "A", "198.51.100.3"},
                {"*.w", "TXT", "wild"},
                {"x.w", "TXT", "not wild"},
                {"a.b.empty", "A", "198.51.100.4"},
                {"cut", "NS", "ns.cut"},
                {"cut", "DS", "1 13 2 0101010101010101010101010101010101010101010101010101010101010101"},
                {"ns.cut", "A", "203.0.113.9"},
                {"x.cut", "TXT", "hidden by the cut"},
                {"d", "DNAME", "w"},
                {"x.d", "TXT", "hidden by the DNAME"},
                {"d", "TXT", "beside the DNAME"},
                {"out", "CNAME", "www.example.net."},
                {"sub", "DS", "2 13 2 0202020202020202020202020202020202020202020202020202020202020202"},
                {"sub", "NS", "ns.example.net."},
                {"x.sub", "A", "198.51.100.5"},
                {"deep", "NS", "ns.example.net."},
                {"ns1", "A", "203.0.113.53"},
        };
        unsigned n = random_below(r, COUNT_OF(records));

        buffer_printf(out, "{\"name\": \"%s\", \"type\": \"%s\", \"data\": [\"%s\"", records[n][0], records[n][1],
                      records[n][2]);
        if (records[n][1][0] == 'A' && chance(r, 30))
                buffer_printf(out, ", \"%s%u\"", records[n][1][1] ? "2001:db8:3::" : "198.51.101.",
                              random_below(r, 200));
        buffer_text(out, "]");
        if (chance(r, 20))
                buffer_printf(out, ", \"ttl\": %u", random_below(r, 5000));
        buffer_text(out, "}");
}

void random_zone(struct random *r, unsigned n, struct buffer *out)
{
        buffer_printf(out, "{\"name\": \"%s\", \"ns\": [\"ns1.example.net\"", random_zones[n]);
        if (chance(r, 20))
                buffer_printf(out, ", \"ns1.%s\"", random_zones[n]);
        buffer_printf(out, "], \"ttl\": %u", chance(r, 70) ? 3600 : random_below(r, 100));
        if (chance(r, 20))
                buffer_printf(out, ", \"soa\": {\"serial\": %u, \"minimum\": %u}", random_below(r, 50),
                              random_below(r, 100));
        if (chance(r, 30))
                buffer_text(out, ", \"transfer\": {\"allow\": [\"127.0.0.0/8\"]}");
        buffer_text(out, ", \"records\": [");
        for (unsigned i = random_below(r, 5); i > 0; i--) {
                random_record(r, out);
                buffer_text(out, i > 1 ? ", " : "");
        }
        buffer_text(out, "]}");
}

/* --- services --- */

static void service_pools(struct random *r, unsigned n, struct buffer *out)
{
        /* What pools contain does not contain them. */
        unsigned most = n < 3 ? 9 : random_pool_count, first = random_below(r, most), count = 1 + random_below(r, 4);

        if (chance(r, 5))
                most = random_pool_count;
        buffer_text(out, ", \"pools\": [");
        for (unsigned i = 0; i < count; i++) {
                const char *pool = random_pools[(first + i) % most];
                buffer_text(out, i ? ", " : "");
                if (chance(r, 50)) {
                        buffer_printf(out, "{\"pool\": \"%s\", \"weight\": %u", pool, random_below(r, 20));
                        if (chance(r, 20))
                                schedules(r, chance(r, 30) ? "\"weight\": 0" : "\"weight\": 5", out);
                        buffer_text(out, "}");
                } else {
                        buffer_printf(out, "\"%s\"", pool);
                }
        }
        buffer_text(out, "]");
}

static void service_all_down(struct random *r, struct buffer *out)
{
        static const char *const others[] = {"nodata", "servfail", "serve_all"};

        if (chance(r, 30))
                buffer_printf(out, ", \"when_all_down\": \"last_resort\", \"last_resort\": \"p%u\"",
                              random_below(r, 9));
        else if (chance(r, 40))
                buffer_text(out, ", \"when_all_down\": \"fallback_address\", \"fallback_address\": [\"203.0.113.1\", "
                                 "\"2001:db8:f::1\"]");
        else
                buffer_printf(out, ", \"when_all_down\": \"%s\"", ONE_OF(r, others));
}

static void service_overrides(struct random *r, struct buffer *out)
{
        static const char *const matches[] = {"country:DE", "continent:NA", "country:BR"};

        buffer_text(out, ", \"overrides\": [");
        for (unsigned i = 1 + random_below(r, 2); i > 0; i--) {
                if (chance(r, 50))
                        buffer_printf(out, "{\"networks\": [\"%s\"], \"regions\": [", ONE_OF(r, random_networks));
                else
                        buffer_printf(out, "{\"match\": [\"%s\"], \"regions\": [", ONE_OF(r, matches));
                some_of(r, random_regions, random_region_count, 1, out);
                buffer_text(out, i > 1 ? "]}, " : "]}");
        }
        buffer_text(out, "]");
}

unsigned random_ttl(struct random *r, unsigned n, bool flatten)
{
        const char *name = random_services[n];
        bool apex = false;

        for (unsigned i = 0; i < random_zone_count; i++)
                apex |= !strcmp(name, random_zones[i]);
        return random_below(r, flatten || apex ? 2 : 300);
}

void random_service(struct random *r, unsigned n, struct buffer *out)
{
        static const char *const policies[] = {"geo",      "geo",      "proximity",   "latency",
                                               "failover", "weighted", "round_robin", "random"};
        static const char *const params[] = {"alpn=h2,h3", "alpn=h2 port=8443", ""};

        const char *policy = ONE_OF(r, policies);
        bool flatten = chance(r, 20);

        buffer_printf(out, "{\"name\": \"%s\", \"ttl\": %u, \"steering\": \"%s\"", random_services[n],
                      random_ttl(r, n, flatten), policy);
        service_pools(r, n, out);
        /* Where all is down or drained, the order by round trips is a memory: who has just started has none. */
        if (!strcmp(policy, "latency"))
                buffer_text(out, ", \"when_all_down\": \"nodata\"");
        else if (chance(r, 40))
                service_all_down(r, out);
        if (chance(r, 30))
                buffer_printf(out, ", \"failback\": \"%s\"", ONE_OF(r, failbacks));
        if (chance(r, 15))
                buffer_text(out, ", \"fence\": true");
        if (chance(r, 20))
                service_overrides(r, out);
        if (chance(r, 15))
                buffer_printf(out, ", \"https\": [{\"params\": \"%s\"}]", ONE_OF(r, params));
        if (chance(r, 10))
                buffer_text(out, ", \"svcb\": [{\"priority\": 0, \"target\": \"www.g.example\"}]");
        if (flatten)
                buffer_text(out, ", \"flatten\": true");
        if (chance(r, 5))
                buffer_text(out, ", \"enabled\": false");
        buffer_text(out, "}");
}
