#include "tests/unit/random_change.h"

#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "tests/unit/must.h"
#include "tests/unit/random_items.h"
#include "zones/config/drain.h"

const char random_beginning[] =
        "regions:\n"
        "  - {name: eu, match: [continent:EU], fallback: [us, ap], default: true, location: [50.1, 8.7]}\n"
        "  - {name: us, match: [continent:NA], fallback: [eu], location: [39.0, -77.5]}\n"
        "  - {name: ap, fallback: [us, eu], location: [1.3, 103.8]}\n"
        "  - {name: sa, match: [country:BR], fallback: [us], location: [-23.5, -46.6]}\n"
        "networks: [{cidr: 10.1.0.0/16, region: eu}, {cidr: 10.2.0.0/16, region: us}]\n"
        "monitors: [{name: m0, type: http}, {name: m1, type: http}, {name: m2, type: tcp, port: 80}, {name: told, "
        "type: external}]\n"
        "probers: [{name: near, region: eu}, {name: far, region: us}]\n"
        "pools:\n"
        "  - {name: p0, region: eu, monitor: m0, endpoints: [{name: e0, address: 192.0.0.1}, {name: e1, address: "
        "192.0.0.2}]}\n"
        "  - {name: p1, region: us, monitor: m1, endpoints: [{name: e0, address: 192.0.1.1, weight: 3}]}\n"
        "  - {name: p2, region: ap, monitor: m2, balance: least_load, endpoints: [{name: e0, address: 192.0.2.1}, "
        "{name: e1, address: 192.0.2.2}]}\n"
        "  - {name: p3, region: eu, monitor: m0, balance: least_load, endpoints: [{name: e0, address: 192.0.3.1}]}\n"
        "  - {name: p4, region: us, monitor: m0, balance: fastest, endpoints: [{name: e0, address: 192.0.4.1}, {name: "
        "e1, address: 192.0.4.2}]}\n"
        "  - {name: p5, region: sa, monitor: m0, endpoints: [{name: e0, address: two.example.net}]}\n"
        "  - {name: p6, region: us, monitor: m1, balance: hash, endpoints: [{name: e0, address: 192.0.6.1}, {name: e1, "
        "address: 192.0.6.2}]}\n"
        "  - {name: p7, region: eu, monitor: told, balance: failover, endpoints: [{name: e0, address: 192.0.7.1}, "
        "{name: e1, address: 192.0.7.2, priority: 1}]}\n"
        "  - {name: p8, region: us, monitor: told, balance: all, endpoints: [{name: e0, address: 192.0.8.1}, {name: "
        "e1, address: 192.0.8.2}]}\n"
        "  - {name: p9, region: eu, endpoints: [{name: e0, address: 192.0.9.1}, {name: e3, address: "
        "'2001:db8::9:3'}]}\n"
        "  - {name: p10, region: eu, service: n0.g.example}\n"
        "  - {name: p11, region: us, service: n1.g.example}\n"
        "zones:\n"
        "  - {name: g.example, ns: [ns1.example.net], records: [{name: a.b.empty, type: A, data: [198.51.100.4]}]}\n"
        "  - {name: sub.g.example, ns: [ns1.example.net], transfer: {allow: [127.0.0.0/8]}}\n"
        "services:\n"
        "  - {name: n0.g.example, pools: [p0, p1]}\n"
        "  - {name: n1.g.example, steering: latency, when_all_down: nodata, pools: [p1, p2, p4]}\n"
        "  - {name: n2.sub.g.example, steering: weighted, pools: [{pool: p3, weight: 5}, p6]}\n"
        "  - {name: www.g.example, pools: [p0, p1, p10, p11]}\n"
        "  - {name: '*.w.g.example', steering: failover, pools: [p7, p8]}\n";

static struct doc *parsed(struct arena *a, const struct buffer *text)
{
        struct problems problems = PROBLEMS_INIT;
        struct doc *d = doc_parse(a, text->data, text->length, DOC_JSON, &problems);

        must(d != NULL, "%s\n%s", text->data, d ? "" : problems.list[0].message);
        return d;
}

typedef void draw_item(struct random *, unsigned n, struct buffer *);

static struct doc *drawn(struct random *r, struct arena *a, draw_item *draw, unsigned n)
{
        struct buffer text = BUFFER_INIT(1 << 16);

        draw(r, n, &text);
        struct doc *d = parsed(a, &text);
        buffer_free(&text);
        return d;
}

/* How often each kind is changed, and what there is of it. */
static const char *const random_standing[] = {"standing"};
static const unsigned random_standing_count = 1;

static const struct {
        enum kind kind;
        unsigned share;
        const char *const *names;
        const unsigned *count;
        draw_item *draw;
} kinds[] = {
        {KIND_REGIONS, 4, random_regions, &random_region_count, random_region},
        {KIND_NETWORKS, 4, random_networks, &random_network_count, random_network},
        {KIND_MONITORS, 6, random_monitors, &random_monitor_count, random_monitor},
        {KIND_POOLS, 32, random_pools, &random_pool_count, random_pool},
        {KIND_ZONES, 18, random_zones, &random_zone_count, random_zone},
        {KIND_SERVICES, 36, random_services, &random_service_count, random_service},
        {KIND_RULES, 2, random_standing, &random_standing_count, random_rules},
};

static unsigned kind_drawn(struct random *r)
{
        unsigned all = 0, k = 0;

        for (unsigned i = 0; i < COUNT_OF(kinds); i++)
                all += kinds[i].share;
        for (unsigned at = random_below(r, all); at >= kinds[k].share; k++)
                at -= kinds[k].share;
        return k;
}

static struct change whole_item(struct random *r, struct arena *a)
{
        unsigned k = kind_drawn(r), n = random_below(r, *kinds[k].count);

        return (struct change){kinds[k].kind, kinds[k].names[n], drawn(r, a, kinds[k].draw, n)};
}

static struct change deleted_item(struct random *r)
{
        unsigned k = kind_drawn(r);

        return (struct change){kinds[k].kind, kinds[k].names[random_below(r, *kinds[k].count)], NULL};
}

/* --- parts of what is there --- */

static struct doc *nth(struct doc *list, unsigned n)
{
        struct doc *one = list->first;

        while (n--)
                one = one->next;
        return one;
}

/* An endpoint, a record or an entry behind the first `kept` is taken out or replaced, or there is one more. */
static void change_list(struct random *r, struct doc *list, unsigned kept, struct doc *other)
{
        struct doc *one = list->count > kept ? nth(list, kept + random_below(r, list->count - kept)) : NULL;

        if (one && chance(r, 40))
                doc_remove(list, one);
        else if (one && chance(r, 50))
                doc_replace(one, other);
        else
                doc_add(list, NULL, other);
}

static void change_endpoint(struct random *r, struct arena *a, struct doc *endpoint)
{
        if (chance(r, 60))
                doc_set(endpoint, "weight", doc_int(a, random_below(r, 200)));
        else if (endpoint->index && chance(r, 60))
                doc_set(endpoint, "enabled", doc_bool(a, chance(r, 70)));
        else if (chance(r, 50))
                doc_set(endpoint, "priority", doc_int(a, random_below(r, 4)));
        else
                doc_set(endpoint, "backup", doc_bool(a, chance(r, 30)));
}

static void change_pool(struct random *r, struct arena *a, struct doc *d, unsigned n)
{
        struct doc *endpoints = doc_get(d, "endpoints");
        struct buffer text = BUFFER_INIT(1 << 12);

        if (!endpoints || chance(r, 15)) {
                doc_set(d, "region", doc_string(a, one_of(r, random_regions, random_region_count)));
        } else if (endpoints->count && chance(r, 70)) {
                change_endpoint(r, a, nth(endpoints, random_below(r, endpoints->count)));
        } else {
                random_endpoint(r, n, random_below(r, RANDOM_ENDPOINTS), &text);
                change_list(r, endpoints, n < 9, parsed(a, &text));
        }
        buffer_free(&text);
}

static void change_zone(struct random *r, struct arena *a, struct doc *d)
{
        struct doc *records = doc_get(d, "records");
        struct buffer text = BUFFER_INIT(1 << 12);

        random_record(r, &text);
        if (!records)
                records = doc_add_list(a, d, "records");
        change_list(r, records, 0, parsed(a, &text));
        buffer_free(&text);
}

static void change_service(struct random *r, struct arena *a, struct doc *d, unsigned n)
{
        struct doc *pools = doc_get(d, "pools");

        if (chance(r, 30))
                doc_set(d, "ttl", doc_int(a, random_ttl(r, n, doc_get(d, "flatten") != NULL)));
        else if (chance(r, 20))
                doc_set(d, "enabled", doc_bool(a, chance(r, 70)));
        else
                change_list(r, pools, 0, doc_string(a, random_pools[random_below(r, random_pool_count)]));
}

static struct change part_of_item(struct random *r, struct store_txn *txn, struct arena *a)
{
        static const unsigned parted[] = {3, 4, 5};
        unsigned k = parted[random_below(r, COUNT_OF(parted))], n = random_below(r, *kinds[k].count);
        struct doc *d = store_get(txn, kinds[k].kind, kinds[k].names[n], a);

        if (!d)
                return whole_item(r, a);
        if (kinds[k].kind == KIND_POOLS)
                change_pool(r, a, d, n);
        else if (kinds[k].kind == KIND_ZONES)
                change_zone(r, a, d);
        else
                change_service(r, a, d, n);
        return (struct change){kinds[k].kind, kinds[k].names[n], d};
}

/* --- what is never valid --- */

static struct change broken_item(struct random *r, struct arena *a)
{
        struct change c = whole_item(r, a);
        struct doc *d = (struct doc *)(uintptr_t)c.document;

        if (chance(r, 30))
                doc_set(d, "nothing", doc_int(a, 1));
        else if (chance(r, 50))
                doc_set(d, "region", doc_string(a, "nowhere"));
        else
                doc_set(d, "ttl", doc_string(a, "ten"));
        return c;
}

/* --- the other kinds --- */

/* `near` and `far` stay as they are: what they measured has a history. */
static struct change third_prober(struct random *r, struct arena *a)
{
        static const char *const documents[] = {
                "{\"name\": \"third\"}",
                "{\"name\": \"third\", \"region\": \"eu\"}",
                "{\"name\": \"third\", \"region\": \"us\", \"enabled\": false}",
                "{\"name\": \"third\", \"region\": \"sa\"}",
        };
        struct buffer text = BUFFER_INIT(1 << 10);

        buffer_text(&text, ONE_OF(r, documents));
        struct doc *d = chance(r, 70) ? parsed(a, &text) : NULL;
        buffer_free(&text);
        return (struct change){KIND_PROBERS, "third", d};
}

static struct change token(struct random *r, struct arena *a)
{
        const char *name = chance(r, 50) ? "t0" : "t1";
        struct buffer text = BUFFER_INIT(1 << 10);

        buffer_printf(&text, "{\"name\": \"%s\", \"role\": \"%s\", \"hash\": \"sha256:%02x:%064x\"}", name,
                      chance(r, 50) ? "read" : "edit", random_below(r, 256), random_below(r, 1 << 30));
        struct doc *d = chance(r, 70) ? parsed(a, &text) : NULL;
        buffer_free(&text);
        return (struct change){KIND_TOKENS, name, d};
}

/* In force, waiting, or going at a step that lasts. */
static struct change drain(struct random *r, struct arena *a)
{
        int64_t now = clock_wall_ms();
        struct drain_span span = {.since_ms = now - 3600000};
        char key[64];

        if (chance(r, 20))
                snprintf(key, sizeof(key), "region/%s", one_of(r, random_regions, random_region_count));
        else if (chance(r, 40))
                snprintf(key, sizeof(key), "pool/%s", one_of(r, random_pools, random_pool_count));
        else
                snprintf(key, sizeof(key), "endpoint/%s/e%u", one_of(r, random_pools, random_pool_count),
                         random_below(r, 4));
        if (chance(r, 20))
                span.since_ms = now + 86400000;
        else if (chance(r, 25))
                span.over_ms = 86400000;
        if (chance(r, 30))
                span.until_ms = now + 2 * (int64_t)86400000;
        return (struct change){KIND_DRAINS, arena_strdup(a, key),
                               chance(r, 60) ? drain_document(key, &span, "test", "test", a) : NULL};
}

/* The default moves to another region: two items that are valid together alone. */
static size_t move_default(struct random *r, struct store_txn *txn, struct arena *a, struct change *out)
{
        const char *to = one_of(r, random_regions, random_region_count);
        size_t count = 0;

        for (unsigned i = 0; i < random_region_count; i++) {
                struct doc *d = store_get(txn, KIND_REGIONS, random_regions[i], a);
                if (!d)
                        continue;
                doc_set(d, "default", doc_bool(a, !strcmp(random_regions[i], to)));
                out[count++] = (struct change){KIND_REGIONS, random_regions[i], d};
        }
        return count;
}

static struct change one_change(struct random *r, struct store_txn *txn, struct arena *a)
{
        unsigned turn = random_below(r, 100);

        if (turn < 40)
                return part_of_item(r, txn, a);
        if (turn < 68)
                return whole_item(r, a);
        if (turn < 80)
                return deleted_item(r);
        if (turn < 83)
                return broken_item(r, a);
        if (turn < 86)
                return third_prober(r, a);
        return turn < 88 ? token(r, a) : drain(r, a);
}

size_t random_changes(struct random *r, struct store_txn *txn, struct arena *a,
                      struct change changes[RANDOM_CHANGES_MOST])
{
        size_t count = 0, most = chance(r, 80) ? 1 : 1 + random_below(r, RANDOM_CHANGES_MOST);

        if (chance(r, 2) && (count = move_default(r, txn, a, changes)))
                return count;
        while (count < most) {
                const struct change c = one_change(r, txn, a);
                bool twice = false;
                for (size_t i = 0; i < count; i++)
                        twice |= changes[i].kind == c.kind && !strcmp(changes[i].key, c.key);
                if (twice)
                        most--;
                else
                        changes[count++] = c;
        }
        return count;
}
