/* Roots made from the ones before against roots built whole of the same model: random changes of zones inside zones,
 * records, delegations, DNAME, wildcards, services and pools; the same names, answers and transfers come out. */
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "tests/unit/world.h"
#include "zones/answers/ordered.h"
#include "zones/answers/snapshot_edit.h"
#include "zones/load/load.h"
#include "zones/dns/name.h"

#define ZONES    7
#define POOLS    5
#define PLAIN    300 /* names of one label, which make trees split and join */
#define NAMES    (85 + 21 + PLAIN)
#define SERVICES 40

static const char *const zone_names[ZONES] = {"example",     "a.example",     "b.a.example", "c.example",
                                              "*.c.example", "a.b.a.example", "test"};
static const uint16_t types[] = {TYPE_A, TYPE_NS, TYPE_DNAME, TYPE_DS, TYPE_MX};
#define TYPES (sizeof(types) / sizeof(*types))

static char names[NAMES][64];
static uint8_t wires[NAMES][64];

/* What there is, as numbers. */
struct plan {
        struct planned_zone {
                bool present;
                uint32_t serial;
                uint8_t types[NAMES], value[NAMES]; /* of records: bits of `types`, and what tells them apart */
        } zones[ZONES];
        struct planned_service {
                bool present, enabled;
                uint16_t name;
                uint8_t pools, value;
        } services[SERVICES];
        struct planned_pool {
                bool present;
                uint8_t enabled; /* bits of endpoints */
        } pools[POOLS];
};

static void make_names(void)
{
        static const char *const labels[] = {"a", "b", "c", "*"}, *const tops[] = {"example", "test"};
        unsigned count = 0;
        const char *why;

        for (unsigned top = 0; top < 2; top++)
                for (unsigned depth = 0, combinations = 1; depth < 4 - top; depth++, combinations *= 4)
                        for (unsigned c = 0; c < combinations; c++, count++) {
                                char *at = names[count];
                                for (unsigned d = 0, rest = c; d < depth; d++, rest /= 4)
                                        at += sprintf(at, "%s.", labels[rest % 4]);
                                strcpy(at, tops[top]);
                        }
        for (unsigned i = 0; i < PLAIN; i++)
                sprintf(names[count++], "n%u.%s", i * i * 7, i % 3 ? "example" : "b.a.example");
        ck_assert_uint_eq(count, NAMES);
        for (unsigned i = 0; i < NAMES; i++)
                ck_assert_uint_ne(name_parse(names[i], NULL, wires[i], &why), 0);
}

/* --- a model of a plan, as loading makes it --- */

static const uint8_t *wire_of(struct arena *a, const char *name)
{
        uint8_t wire[NAME_WIRE_MAX];
        const char *why;

        return arena_memdup(a, wire, name_parse(name, NULL, wire, &why));
}

static const uint8_t *rdata_of(struct arena *a, uint16_t type, unsigned value)
{
        static const char *const targets[] = {"a.example", "b.a.example", "elsewhere.invalid", "test"};
        uint8_t rdata[2 + NAME_WIRE_MAX] = {0}, *at = rdata + 2;
        const char *why;
        unsigned length = 4;

        if (type == TYPE_A) {
                memcpy(at, (const uint8_t[]){192, 0, 2, (uint8_t)value}, 4);
        } else if (type == TYPE_DS) {
                memset(at, (int)value, length = 24);
        } else {
                unsigned before = type == TYPE_MX ? 2 : 0;
                length = before + name_parse(targets[value % 4], NULL, at + before, &why);
        }
        rdata[1] = (uint8_t)length;
        return arena_memdup(a, rdata, 2 + length);
}

static int compare_records(const void *a, const void *b)
{
        const struct record *x = *(const struct record *const *)a, *y = *(const struct record *const *)b;
        int order = zone_owner_order(x->owner, y->owner);

        return order ? order : (int)x->type - (int)y->type;
}

static void make_records(struct arena *a, struct zone *z, const struct planned_zone *plan)
{
        struct record *order[NAMES * TYPES];

        z->records.items = ARENA_ARRAY(a, struct record, NAMES * TYPES);
        for (unsigned i = 0; i < NAMES; i++)
                for (unsigned t = 0; t < TYPES && plan->types[i]; t++) {
                        bool apex = name_equal(wires[i], z->wire);
                        if (!(plan->types[i] & 1u << t) || !name_within(wires[i], z->wire) ||
                            (apex && (types[t] == TYPE_NS || types[t] == TYPE_DS)))
                                continue;
                        struct record *r = &z->records.items[z->records.count];
                        const uint8_t **rdata = ARENA_ARRAY(a, const uint8_t *, 2);
                        r->type = types[t];
                        r->owner = wires[i];
                        r->ttl = plan->value[i] % 2 ? 60 : 3600;
                        r->count = types[t] == TYPE_DNAME ? 1 : 1 + plan->value[i] % 2;
                        rdata[0] = rdata_of(a, types[t], plan->value[i]);
                        rdata[1] = rdata_of(a, types[t], plan->value[i] + 1u);
                        r->rdata = rdata;
                        order[z->records.count++] = r;
                }
        qsort(order, z->records.count, sizeof(*order), compare_records);
        z->by_owner = ARENA_ARRAY(a, uint32_t, z->records.count);
        for (uint32_t i = 0; i < z->records.count; i++)
                z->by_owner[i] = (uint32_t)(order[i] - z->records.items);
}

static void make_zones(struct model *m, const struct plan *plan)
{
        m->zones = ARENA_ARRAY(m->arena, struct zone *, ZONES);
        m->count[KIND_ZONES] = ZONES;
        for (uint32_t i = 0; i < ZONES; i++) {
                if (!plan->zones[i].present)
                        continue;
                struct zone *z = m->zones[i] = ARENA_NEW(m->arena, struct zone);
                z->name = zone_names[i];
                z->wire = wire_of(m->arena, z->name);
                z->number = i;
                z->ttl = 300;
                z->serial = plan->zones[i].serial;
                z->ns.count = 1;
                z->ns_wire = ARENA_ARRAY(m->arena, const uint8_t *, 1);
                z->ns_wire[0] = wire_of(m->arena, plan->zones[i].serial % 3 ? "ns.example" : "ns.invalid");
                z->soa = (struct zone_soa){.refresh = 1, .retry = 2, .expire = 3, .minimum = 4};
                z->soa.mname_wire = z->ns_wire[0];
                z->soa.rname_wire = wire_of(m->arena, "hostmaster.example");
                make_records(m->arena, z, &plan->zones[i]);
        }
        model_index(m, KIND_ZONES);
}

static void make_pools(struct model *m, const struct plan *plan)
{
        m->pools = ARENA_ARRAY(m->arena, struct pool *, POOLS);
        m->endpoints = ARENA_ARRAY(m->arena, struct endpoint *, POOLS * 3);
        m->count[KIND_POOLS] = POOLS;
        m->endpoint_count = POOLS * 3;
        for (uint32_t i = 0; i < POOLS; i++) {
                if (!plan->pools[i].present)
                        continue;
                struct pool *p = m->pools[i] = ARENA_NEW(m->arena, struct pool);
                p->name = arena_printf(m->arena, "p%u", i);
                p->region = p->monitor = p->service = MODEL_NONE;
                p->answers = 1;
                p->enabled = true;
                p->number = i;
                p->endpoints.items = ARENA_ARRAY(m->arena, struct endpoint, 3);
                p->endpoints.count = 3;
                for (uint32_t k = 0; k < 3; k++) {
                        struct endpoint *e = &p->endpoints.items[k];
                        e->name = "abc" + k;
                        e->type = k == 2 ? ENDPOINT_CNAME : ENDPOINT_A;
                        e->address = (struct address){.family = ADDRESS_V4, .bytes = {10, 0, (uint8_t)i, (uint8_t)k}};
                        e->cname = wire_of(m->arena, "host.invalid");
                        e->weight = 1;
                        e->enabled = plan->pools[i].enabled & 1 << k;
                        e->monitor = MODEL_NONE;
                        e->pool = i;
                        e->number = i * 3 + k;
                        m->endpoints[e->number] = e;
                }
        }
        model_index(m, KIND_POOLS);
}

static uint32_t zone_of(const struct model *m, const uint8_t *name)
{
        uint32_t found = MODEL_NONE;

        model_each (zone, z, m->zones, m->count[KIND_ZONES])
                if (name_within(name, z->wire) &&
                    (found == MODEL_NONE || name_length(z->wire) > name_length(m->zones[found]->wire)))
                        found = z->number;
        return found;
}

static void make_services(struct model *m, const struct plan *plan)
{
        m->services = ARENA_ARRAY(m->arena, struct service *, SERVICES);
        m->count[KIND_SERVICES] = SERVICES;
        for (uint32_t i = 0; i < SERVICES; i++) {
                const struct planned_service *from = &plan->services[i];
                uint32_t zone = zone_of(m, wires[from->name]);
                if (!from->present || zone == MODEL_NONE)
                        continue;
                struct service *s = m->services[i] = ARENA_NEW(m->arena, struct service);
                s->name = names[from->name];
                s->wire = wires[from->name];
                s->number = i;
                s->zone = zone;
                s->ttl = 10 + from->value;
                s->enabled = from->enabled;
                s->last_resort = MODEL_NONE;
                s->flatten = from->value % 2;
                s->pools.items = ARENA_ARRAY(m->arena, struct service_pool, POOLS);
                for (uint32_t p = 0; p < POOLS; p++)
                        if (from->pools & 1 << p && m->pools[p])
                                s->pools.items[s->pools.count++] = (struct service_pool){m->pools[p]->name, 1, p};
                if (from->value % 3)
                        continue;
                struct binding *b = ARENA_NEW(m->arena, struct binding);
                const uint8_t *target = wires[(from->name + 1u) % 40];
                unsigned length = name_length(target);
                uint8_t *rdata = arena_alloc(m->arena, 2 + length);
                rdata[1] = 1;
                memcpy(rdata + 2, target, length);
                *b = (struct binding){1, ".", "", true, MODEL_NONE, rdata, 0, 0, 0, 0};
                b->length = b->ipv4hint_at = b->ipv6hint_at = (uint16_t)(2 + length);
                b->target_length = (uint16_t)length;
                s->https = (struct binding_list){b, 1};
        }
        model_index(m, KIND_SERVICES);
}

static struct model *make_model(const struct plan *plan)
{
        struct arena *a = arena_new(0);
        struct model *m = ARENA_NEW(a, struct model);

        m->arena = a;
        m->default_region = MODEL_NONE;
        make_zones(m, plan);
        make_pools(m, plan);
        make_services(m, plan);
        return m;
}

static struct snapshot *build(const struct plan *plan)
{
        struct problems problems = PROBLEMS_INIT;
        struct snapshot *s = snapshot_build(make_model(plan), NULL, NULL, &problems);

        ck_assert_ptr_nonnull(s);
        problems_free(&problems);
        return s;
}

/* --- changes --- */

static void change_one(struct plan *p, struct random *r, unsigned zone_chance)
{
        struct planned_zone *z = &p->zones[random_below(r, ZONES)];
        unsigned name = random_below(r, NAMES);

        if (!random_below(r, zone_chance)) {
                z->present = !z->present;
                z->serial++;
                return;
        }
        switch (random_below(r, 8)) {
        case 0:
        case 1: {
                struct planned_service *s = &p->services[name % SERVICES];
                s->present = !s->present;
                s->name = (uint16_t)(name % SERVICES + SERVICES * random_below(r, NAMES / SERVICES));
                s->enabled = random_below(r, 5);
                s->pools = (uint8_t)random_below(r, 1 << POOLS);
                s->value = (uint8_t)random_below(r, 12);
                break;
        }
        case 2: {
                struct planned_pool *pool = &p->pools[random_below(r, POOLS)];
                pool->present = random_below(r, 10);
                pool->enabled = (uint8_t)random_below(r, 8);
                break;
        }
        case 3:
                z->serial++;
                break;
        default:
                z->types[name] = random_below(r, 3)
                                         ? (uint8_t)(1u << random_below(r, TYPES)) & (uint8_t)random_below(r, 256)
                                         : 0;
                z->value[name] = (uint8_t)random_below(r, 6);
                z->serial++;
        }
}

static bool same_pools(const struct service *a, const struct service *b)
{
        if (a->pools.count != b->pools.count)
                return false;
        for (uint32_t i = 0; i < a->pools.count; i++)
                if (a->pools.items[i].pool != b->pools.items[i].pool)
                        return false;
        return true;
}

/* What an edit is told: zones and pools whose plan has changed, services that are others or no longer the same. */
static size_t list_changes(const struct plan *a, const struct plan *b, const struct model *before,
                           const struct model *after, struct edited *out)
{
        size_t count = 0;

        for (uint32_t i = 0; i < ZONES; i++)
                if (memcmp(&a->zones[i], &b->zones[i], sizeof(a->zones[i])) && (before->zones[i] || after->zones[i]))
                        out[count++] = (struct edited){KIND_ZONES, i, before->zones[i], after->zones[i]};
        for (uint32_t i = 0; i < POOLS; i++)
                if (memcmp(&a->pools[i], &b->pools[i], sizeof(a->pools[i])) && (before->pools[i] || after->pools[i]))
                        out[count++] = (struct edited){KIND_POOLS, i, before->pools[i], after->pools[i]};
        for (uint32_t i = 0; i < SERVICES; i++) {
                const struct service *was = before->services[i], *is = after->services[i];
                bool same = was && is && !memcmp(&a->services[i], &b->services[i], sizeof(a->services[i])) &&
                            same_pools(was, is);
                if (same || (!was && !is))
                        continue;
                bool moved = was && is && was->wire != is->wire; /* another service of the same number: two items */
                if (moved)
                        out[count++] = (struct edited){KIND_SERVICES, i, was, NULL};
                out[count++] = (struct edited){KIND_SERVICES, i, moved ? NULL : was, is};
        }
        return count;
}
#define CHANGES_MAX (ZONES + POOLS + 2 * SERVICES)

/* --- comparing --- */

/* A digest of what a reader sees. */
static void mix(uint64_t *sum, const void *data, size_t length)
{
        *sum = hash_bytes(data, length, *sum);
}

static void mix_rr(uint64_t *sum, const struct rr *rr)
{
        mix(sum, rr->wire, rr->length);
        mix(sum, rr->pointers, sizeof(rr->pointers));
}

static void mix_set(uint64_t *sum, const struct rrset *set)
{
        const uint32_t numbers[] = {set->type, set->count, set->ttl, set->size};

        mix(sum, numbers, sizeof(numbers));
        for (unsigned i = 0; i < set->count; i++)
                mix_rr(sum, &set->rrs[i]);
}

static void mix_bindings(uint64_t *sum, const struct bindings *b)
{
        for (unsigned i = 0; i < b->count; i++) {
                const struct node_binding *one = &b->list[i];
                const uint32_t numbers[] = {one->length, one->target_length, one->ipv4hint_at, one->ipv6hint_at,
                                            one->hints};
                mix(sum, numbers, sizeof(numbers));
                mix(sum, one->rdata, one->length);
        }
}

static void mix_node(uint64_t *sum, const struct node *n)
{
        if (!n) {
                mix(sum, "none", 4);
                return;
        }
        const uint32_t numbers[] = {n->zone, n->rrset_count, n->flags & ~(unsigned)NODE_APART, n->name_length};
        mix(sum, numbers, sizeof(numbers));
        mix(sum, n->name, n->name_length);
        for (unsigned i = 0; i < n->rrset_count; i++)
                mix_set(sum, &node_rrsets(n)[i]);
        const struct node_service *s = node_service(n);
        if (!s)
                return;
        const uint32_t of_service[] = {s->route != NULL, s->pool_count, s->ttl, s->number};
        mix(sum, of_service, sizeof(of_service));
        mix(sum, s->pools ? s->pools : of_service, s->pool_count * sizeof(*s->pools));
        mix_bindings(sum, &s->svcb);
        mix_bindings(sum, &s->https);
}

static uint64_t look_up(const struct snapshot *s, const uint8_t *name)
{
        uint64_t sum = 0;
        struct lookup l;

        snapshot_lookup(s, name, name_length(name), &l);
        if (!l.zone)
                return l.exact || l.closest || l.wildcard || l.cut || l.dname;
        const uint32_t numbers[] = {l.zone->number, l.zone->serial, l.zone->labels, l.zone->cuts, l.zone->dnames};
        mix(&sum, numbers, sizeof(numbers));
        mix(&sum, l.zone->name, l.zone->name_length);
        mix_set(&sum, &l.zone->soa);
        mix_rr(&sum, &l.zone->soa_negative);
        mix_node(&sum, l.exact);
        mix_node(&sum, l.closest);
        mix_node(&sum, l.wildcard);
        mix_node(&sum, l.cut);
        mix_node(&sum, l.dname);
        if (l.exact && l.exact->flags & NODE_APEX) {
                const struct rrset *ds;
                const struct zone_data *parent = snapshot_parent(s, l.zone, &ds);
                mix(&sum, parent ? &parent->number : numbers, sizeof(parent->number));
                if (ds)
                        mix_set(&sum, ds);
        }
        if (l.exact && node_bindings(l.exact, TYPE_HTTPS))
                mix_node(&sum, snapshot_target(s, l.exact, &node_bindings(l.exact, TYPE_HTTPS)->list[0]));
        return sum;
}

/* Names that are there and, between and below them, names that are not. */
static void look_for(unsigned i, struct random *r, uint8_t name[NAME_WIRE_MAX])
{
        static const char *const labels[] = {"\001a", "\002zz", "\001*"};

        char *text = (char *)name; /* no label has a zero byte */

        *text = '\0';
        if (i >= NAMES)
                for (unsigned left = 1 + random_below(r, 2); left; left--)
                        strcat(text, labels[random_below(r, 3)]);
        strcat(text, (const char *)wires[i < NAMES ? i : random_below(r, NAMES)]);
}

struct transferred {
        uint64_t sum;
        unsigned count;
};

static void transfer_one(void *context, const uint8_t *owner, uint16_t type, uint32_t ttl, const void *rdata,
                         size_t length)
{
        struct transferred *t = context;
        const uint32_t numbers[] = {type, ttl};

        mix(&t->sum, owner, name_length(owner));
        mix(&t->sum, numbers, sizeof(numbers));
        mix(&t->sum, rdata, length);
        t->count++;
}

static void node_one(void *context, const struct node *n)
{
        mix_node(context, n);
}

static void expect_equal(const struct snapshot *made, const struct snapshot *whole, struct random *r, unsigned step)
{
        uint8_t name[NAME_WIRE_MAX * 2];

        ck_assert_msg(made->names.count == whole->names.count, "step %u: %zu names, built whole %zu", step,
                      made->names.count, whole->names.count);
        for (unsigned i = 0; i < NAMES + 100; i++) {
                char text[NAME_TEXT_MAX];
                look_for(i, r, name);
                if (look_up(made, name) != look_up(whole, name))
                        ck_abort_msg("step %u: %s is not as built whole", step, name_format(name, text));
        }
        for (uint32_t z = 0; z < ZONES; z++) {
                const struct zone_data *a = pages_get(&made->zones, z), *b = pages_get(&whole->zones, z);
                struct transferred ta = {0}, tb = {0};
                uint64_t sa = 0, sb = 0;
                ck_assert_msg(!a == !b, "step %u: zone %u", step, z);
                if (!a)
                        continue;
                snapshot_transfer(made, a, transfer_one, &ta);
                snapshot_transfer(whole, b, transfer_one, &tb);
                ck_assert_msg(ta.sum == tb.sum && ta.count == tb.count, "step %u: transfer of zone %u", step, z);
                ordered_each(a->names, node_one, &sa);
                ordered_each(b->names, node_one, &sb);
                ck_assert_msg(sa == sb, "step %u: names in order of zone %u", step, z);
        }
}

/* --- a run --- */

struct run {
        struct plan plan;
        struct snapshot *whole; /* of that plan; the model and steering of the published root */
        struct random random;
};

static struct plan first_plan(struct random *r)
{
        struct plan p;

        memset(&p, 0, sizeof(p));
        for (unsigned i = 0; i < ZONES; i++) {
                p.zones[i].present = i == 0 || i == 2;
                p.zones[i].serial = 1;
        }
        for (unsigned i = 0; i < POOLS; i++)
                p.pools[i] = (struct planned_pool){true, 3};
        for (unsigned i = 0; i < 200; i++)
                change_one(&p, r, 100);
        return p;
}

static void run_begin(struct run *run, uint64_t seed)
{
        make_names();
        random_seed(&run->random, seed);
        run->plan = first_plan(&run->random);
        run->whole = build(&run->plan);
        snapshot_publish(build(&run->plan));
}

static void run_end(struct run *run)
{
        snapshot_publish(NULL);
        rcu_drain();
        snapshot_free(run->whole);
}

/* The edit that leads from the published root to `whole`. */
static struct snapshot_edit *edit_to(const struct plan *from, const struct plan *to, const struct snapshot *was,
                                     const struct snapshot *whole, uint64_t revision)
{
        struct edited items[CHANGES_MAX];
        size_t count = list_changes(from, to, was->model, whole->model, items);

        snapshot_current()->steering = whole->steering; /* that which has taken the items */
        return snapshot_edit_new(snapshot_current(), whole->model, items, count, revision);
}

typedef void watch_step(void *context, const struct snapshot *whole, uint64_t revision);

/* Takes one step: a few changes, some of them given up before the root is published. */
static void run_step(struct run *run, unsigned step, bool compare, watch_step *watch, void *context)
{
        struct plan next = run->plan;
        unsigned changes = random_below(&run->random, 4) ? 1 : 2 + random_below(&run->random, 6);

        while (changes--)
                change_one(&next, &run->random, 12);
        struct snapshot *whole = build(&next);
        if (!random_below(&run->random, 5)) {
                struct snapshot_edit *e = edit_to(&run->plan, &next, run->whole, whole, step);
                if (compare)
                        expect_equal(snapshot_edit_root(e), whole, &run->random, step);
                snapshot_edit_drop(e);
                snapshot_current()->steering = run->whole->steering;
                if (compare)
                        expect_equal(snapshot_current(), run->whole, &run->random, step);
        }
        struct snapshot_edit *e = edit_to(&run->plan, &next, run->whole, whole, step);
        if (compare)
                expect_equal(snapshot_edit_root(e), whole, &run->random, step);
        if (watch)
                watch(context, whole, step);
        snapshot_edit_publish(e);
        snapshot_free(run->whole); /* readers of this test do not pick: nobody asks its steering */
        run->whole = whole;
        run->plan = next;
}

static unsigned steps(unsigned wanted)
{
        const char *text = getenv("SNAPSHOT_EDIT_STEPS");

        return text ? (unsigned)strtoul(text, NULL, 10) : wanted;
}

START_TEST(edited_root_is_the_same_as_one_built_whole)
{
        struct run run;

        run_begin(&run, 1 + (uint64_t)_i);
        for (unsigned step = 1; step <= steps(2000); step++)
                run_step(&run, step, true, NULL, NULL);
        run_end(&run);
}
END_TEST

/* --- readers beside --- */

#define READERS     3
#define BESIDE      400 /* steps */
#define BESIDE_ASKS (NAMES + 40)

struct beside {
        uint64_t expected[BESIDE + 1][BESIDE_ASKS]; /* by revision */
        uint8_t asked[BESIDE_ASKS][NAME_WIRE_MAX * 2];
        uint64_t version;
        bool over;
};

static void note_expected(void *context, const struct snapshot *whole, uint64_t revision)
{
        struct beside *b = context;

        for (unsigned i = 0; i < BESIDE_ASKS; i++)
                b->expected[revision][i] = look_up(whole, b->asked[i]);
}

static void *read_beside(void *context)
{
        struct beside *b = context;
        uint64_t asked = 0, newest = 0;

        rcu_join();
        while (!__atomic_load_n(&b->over, __ATOMIC_ACQUIRE)) {
                const struct snapshot *s = snapshot_current();
                if (s->version < newest) /* never back */
                        abort();
                newest = s->version;
                for (unsigned i = 0; i < 20; i++, asked++) {
                        unsigned which = (unsigned)(asked * 7 % BESIDE_ASKS);
                        if (look_up(s, b->asked[which]) != b->expected[s->revision][which])
                                abort();
                }
                rcu_quiet();
        }
        rcu_leave();
        return (void *)(uintptr_t)asked;
}

START_TEST(readers_see_the_root_before_or_the_one_after)
{
        struct beside *b = memory_alloc(sizeof(*b));
        pthread_t readers[READERS];
        struct run run;

        run_begin(&run, 7);
        for (unsigned i = 0; i < BESIDE_ASKS; i++)
                look_for(i, &run.random, b->asked[i]);
        note_expected(b, run.whole, 0);
        for (unsigned i = 0; i < READERS; i++)
                pthread_create(&readers[i], NULL, read_beside, b);
        for (unsigned step = 1; step <= BESIDE; step++)
                run_step(&run, step, false, note_expected, b);
        __atomic_store_n(&b->over, true, __ATOMIC_RELEASE);
        for (unsigned i = 0; i < READERS; i++) {
                void *asked;
                pthread_join(readers[i], &asked);
                ck_assert_ptr_nonnull(asked);
        }
        run_end(&run);
        free(b);
}
END_TEST

/* --- memory --- */

static size_t in_use(void)
{
        rcu_drain();
        return mallinfo2().uordblks;
}

START_TEST(memory_is_flat_over_many_edits)
{
        const unsigned count = steps(20000);
        struct run run;
        size_t before = 0;

        run_begin(&run, 3);
        struct plan other = run.plan;
        for (unsigned i = 0; i < 30; i++)
                change_one(&other, &run.random, 6);
        struct snapshot *whole = build(&other);
        for (unsigned i = 0; i < count; i++) {
                snapshot_edit_publish(i % 2 ? edit_to(&other, &run.plan, whole, run.whole, i)
                                            : edit_to(&run.plan, &other, run.whole, whole, i));
                if (i % 1000 == 999)
                        rcu_drain();
                if (i == count / 10)
                        before = in_use();
        }
        expect_equal(snapshot_current(), run.whole, &run.random, 0);
        size_t after = in_use();
        ck_assert_msg(after <= before + before / 50, "%zu bytes in use, %zu before", after, before);
        snapshot_current()->steering = run.whole->steering;
        run_end(&run);
        snapshot_free(whole);
}
END_TEST

/* A table is made for the names that hold something: those between them come on top, here as many again. */
START_TEST(names_that_hold_nothing_are_found_beside_all_others)
{
        enum { COUNT = 3000 };
        struct buffer yaml = BUFFER_INIT(1 << 20);
        char name[64];

        buffer_text(
                &yaml,
                "regions: [{name: eu, default: true}]\nzones:\n  - name: example\n    ns: [ns.test]\n    records:\n");
        for (unsigned i = 0; i < COUNT; i++)
                buffer_printf(&yaml, "      - {name: _x.n%u, type: A, data: [192.0.2.1]}\n", i);
        struct world *w = world_new(yaml.data, NULL);
        ck_assert_uint_eq(w->snapshot->names.count, 2 * COUNT + 1);
        for (unsigned i = 0; i < COUNT; i++) {
                sprintf(name, "_x.n%u.example", i);
                ck_assert_uint_eq(world_node(w, name)->rrset_count, 1);
                ck_assert_uint_eq(world_node(w, name + 3)->rrset_count, 0);
        }
        ck_assert_ptr_null(world_node(w, "n3000.example"));
        world_free(w);
        buffer_free(&yaml);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("snapshot_edit");
        TCase *t = tcase_create("snapshot_edit");

        tcase_set_timeout(t, 0);
        tcase_add_loop_test(t, edited_root_is_the_same_as_one_built_whole, 0, 2);
        tcase_add_test(t, readers_see_the_root_before_or_the_one_after);
        tcase_add_test(t, memory_is_flat_over_many_edits);
        tcase_add_test(t, names_that_hold_nothing_are_found_beside_all_others);
        suite_add_tcase(s, t);
        return world_run(s);
}
