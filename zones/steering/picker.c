#include "zones/steering/picker.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/hash.h"
#include "base/memory.h"

#define EXACT_MAX   64 /* members up to which several answers are drawn exactly by weight */
#define WEIGHT_UNIT 65535.0
struct picker {
        uint8_t mode; /* enum picker_mode */
        uint8_t answers, hash_v4, hash_v6;
        uint8_t bits; /* of a member's number in a bucket */
        uint32_t count, rotor;
        uint32_t total;  /* of weights: at most 65535 of 65535 each */
        uint32_t digest; /* of its plan */
        uint64_t salt;
        /* Behind it: targets, alias table, weights, and for PICKER_HASHED buckets. */
};

static inline const struct target **targets_of(const struct picker *p)
{
        return (const struct target **)(uintptr_t)(p + 1);
}

static inline struct alias *alias_of(const struct picker *p)
{
        return (struct alias *)(targets_of(p) + p->count);
}

/* In units of the largest / 65535, at least 1. */
static inline uint32_t *weights_of(const struct picker *p)
{
        return (uint32_t *)(alias_of(p) + p->count);
}

/* `answers` members each. */
static inline uint16_t *buckets_of(const struct picker *p)
{
        return (uint16_t *)(weights_of(p) + p->count);
}

/* --- building --- */

/* Weighted rendezvous: for each bucket the members with the least -ln(u) / weight. A member that goes leaves only its
 * own buckets to others, one that comes takes only what becomes its own. */
#define DRAW_BITS 24

static inline uint32_t member_draw(const struct picker_member *m, uint64_t bucket_hash)
{
        return (uint32_t)(hash_mix(m->hash ^ bucket_hash) >> (64 - DRAW_BITS));
}

static inline float draw_cost(float draw)
{
        return -logf((draw + 0.5f) * 0x1p-24f);
}

static inline float member_cost(const struct picker_member *m, uint32_t draw)
{
        return draw_cost((float)draw) / (float)m->weight;
}

/* --- what many tables are made with --- */

#define STEP_BITS    12u               /* of a draw: what it costs at least and at most is known */
#define STEPS        (1u << STEP_BITS) /* by them */
#define REMEMBERED   16                /* tables */
#define MEMBERS_MOST 16u               /* of one that is remembered */
#define ROUNDING     1e-5f             /* far more than what single precision leaves off */

/* What a table is made of, but for its targets. */
struct ranked {
        uint32_t count, answers;
        uint64_t hashes[MEMBERS_MOST];
        double weights[MEMBERS_MOST];
};

struct picker_tools {
        uint64_t bucket_hashes[PICKER_BUCKETS];
        float least[STEPS], most[STEPS];
        struct remembered {
                struct ranked of;
                uint16_t *buckets;
        } remembered[REMEMBERED];
};

struct picker_tools *picker_tools_new(void)
{
        struct picker_tools *t = memory_alloc(sizeof(*t));
        const uint32_t step = 1u << (DRAW_BITS - STEP_BITS);

        for (uint32_t b = 0; b < PICKER_BUCKETS; b++)
                t->bucket_hashes[b] = hash_mix(b + 1u);
        for (uint32_t i = 0; i < STEPS; i++) { /* none is -0, which as an integer would be the greatest */
                t->most[i] = fabsf(draw_cost((float)(i * step))) * (1 + ROUNDING);
                t->least[i] = fabsf(draw_cost((float)((i + 1) * step - 1))) * (1 - ROUNDING);
        }
        return t;
}

void picker_tools_free(struct picker_tools *t)
{
        for (unsigned i = 0; t && i < REMEMBERED; i++)
                free(t->remembered[i].buckets);
        free(t);
}

/* Where a table like this is remembered or would be; NULL: it is too large for that. */
static struct remembered *remembered_at(struct picker_tools *t, const struct picker_plan *plan, unsigned answers,
                                        struct ranked *of)
{
        if (plan->count > MEMBERS_MOST)
                return NULL;
        *of = (struct ranked){.count = plan->count, .answers = answers};
        for (uint32_t i = 0; i < plan->count; i++) {
                of->hashes[i] = plan->members[i].hash;
                of->weights[i] = plan->members[i].weight;
        }
        return &t->remembered[hash_bytes(of, sizeof(*of), 0) % REMEMBERED];
}

/* --- buckets --- */

static void rank_bucket(const struct picker_plan *plan, uint64_t bucket_hash, unsigned answers, uint16_t *out)
{
        float best[ANSWERS_MAX];
        unsigned n = 0;

        for (uint32_t i = 0; i < plan->count; i++) {
                float cost = member_cost(&plan->members[i], member_draw(&plan->members[i], bucket_hash));
                unsigned at = n < answers ? n++ : n;
                if (at == n && cost >= best[n - 1])
                        continue;
                if (at == n)
                        at--;
                for (; at > 0 && best[at - 1] > cost; at--) {
                        best[at] = best[at - 1];
                        out[at] = out[at - 1];
                }
                best[at] = cost;
                out[at] = (uint16_t)i;
        }
}

/* The first alone where all weigh the same: the least -ln(u) is the greatest u. */
static uint16_t first_of_alike(const struct picker_plan *plan, uint64_t bucket_hash)
{
        uint32_t best = member_draw(&plan->members[0], bucket_hash), first = 0;

        for (uint32_t i = 1; i < plan->count; i++) {
                uint32_t draw = member_draw(&plan->members[i], bucket_hash);
                first = draw > best ? i : first;
                best = draw > best ? draw : best;
        }
        return (uint16_t)first;
}

static inline uint32_t draw_step(const struct picker_member *m, uint64_t bucket_hash)
{
        return member_draw(m, bucket_hash) >> (DRAW_BITS - STEP_BITS);
}

/* The same whatever they weigh, by what each costs at least and at most; false: that leaves it open. Costs are compared
 * as integers, in whose order they are, so that no branch is to be foreseen. */
static bool first_by_steps(const struct picker_tools *t, const struct picker_plan *plan, const float *shares,
                           uint64_t bucket_hash, uint16_t *first)
{
        uint64_t best = UINT64_MAX, next = UINT64_MAX;
        uint32_t bits;
        float next_least;

        for (uint32_t i = 0; i < plan->count; i++) {
                float least = t->least[draw_step(&plan->members[i], bucket_hash)] * shares[i];
                memcpy(&bits, &least, sizeof(bits));
                uint64_t one = (uint64_t)bits << 32 | i, other = one < best ? best : one;
                best = one < best ? one : best;
                next = other < next ? other : next;
        }
        *first = (uint16_t)best;
        bits = (uint32_t)(next >> 32);
        memcpy(&next_least, &bits, sizeof(bits));
        return t->most[draw_step(&plan->members[*first], bucket_hash)] * shares[*first] < next_least;
}

static bool weigh_alike(const struct picker_plan *plan)
{
        for (uint32_t i = 1; i < plan->count; i++)
                if (plan->members[i].weight < plan->members[0].weight ||
                    plan->members[i].weight > plan->members[0].weight)
                        return false;
        return true;
}

static void weights_fill(struct picker *p, const struct picker_plan *plan)
{
        double *weights = memory_alloc(plan->count * sizeof(*weights)), most = 0;

        for (uint32_t i = 0; i < plan->count; i++) {
                assert(plan->members[i].weight > 0);
                weights[i] = plan->members[i].weight;
                most = weights[i] > most ? weights[i] : most;
        }
        for (uint32_t i = 0; i < plan->count; i++) {
                double unit = weights[i] / most * WEIGHT_UNIT;
                weights_of(p)[i] = unit < 1 ? 1 : (uint32_t)(unit + 0.5);
                p->total += weights_of(p)[i];
        }
        alias_build(weights, plan->count, alias_of(p));
        free(weights);
}

/* How many bits hold a member's number: a power of two, so that none lies across two words. Of two members a table
 * takes 512 bytes, of thousands 8 KiB. */
static uint8_t member_bits(uint32_t count)
{
        return count <= 2 ? 1 : count <= 4 ? 2 : count <= 16 ? 4 : count <= 256 ? 8 : 16;
}

static inline uint16_t bucket_member(const struct picker *p, uint32_t at)
{
        uint32_t bit = at * p->bits;

        return (uint16_t)(buckets_of(p)[bit / 16] >> bit % 16 & ((1u << p->bits) - 1));
}

static size_t buckets_size(unsigned answers, uint32_t count)
{
        return (size_t)PICKER_BUCKETS * answers * member_bits(count) / 8;
}

static void buckets_rank(struct picker *p, const struct picker_plan *plan)
{
        const bool alike = p->answers == 1 && weigh_alike(plan);
        float *shares = memory_alloc(plan->count * sizeof(*shares));
        uint16_t members[ANSWERS_MAX];

        for (uint32_t i = 0; i < plan->count; i++)
                shares[i] = 1 / (float)plan->members[i].weight;
        for (uint32_t b = 0; b < PICKER_BUCKETS; b++) {
                const uint64_t bucket_hash = plan->tools->bucket_hashes[b];
                if (alike)
                        members[0] = first_of_alike(plan, bucket_hash);
                else if (p->answers > 1 || !first_by_steps(plan->tools, plan, shares, bucket_hash, members))
                        rank_bucket(plan, bucket_hash, p->answers, members);
                for (unsigned i = 0; i < p->answers; i++) {
                        uint32_t bit = (b * p->answers + i) * p->bits;
                        buckets_of(p)[bit / 16] |= (uint16_t)(members[i] << bit % 16);
                }
        }
        free(shares);
}

/* Many pools have endpoints of the same names and weights. */
static void buckets_fill(struct picker *p, const struct picker_plan *plan)
{
        size_t size = buckets_size(p->answers, plan->count);
        struct ranked of;
        struct remembered *r = remembered_at(plan->tools, plan, p->answers, &of);

        if (r && r->buckets && !memcmp(&r->of, &of, sizeof(of))) {
                memcpy(buckets_of(p), r->buckets, size);
                return;
        }
        buckets_rank(p, plan);
        if (!r)
                return;
        r->of = of;
        r->buckets = memory_resize(r->buckets, size);
        memcpy(r->buckets, buckets_of(p), size);
}

/* --- plans --- */

/* Of all but the rotor; members have no holes. */
static uint32_t plan_digest(const struct picker_plan *plan)
{
        const uint64_t how = (uint64_t)plan->mode << 32 | plan->answers << 16 | plan->hash_v4 << 8 | plan->hash_v6;

        static_assert(sizeof(struct picker_member) == 32, "a hole in it would not be told from a difference");
        return (uint32_t)hash_bytes(plan->members, plan->count * sizeof(*plan->members), hash_mix(how) ^ plan->salt);
}

bool picker_is_of(const struct picker *p, const struct picker_plan *plan)
{
        if (p->count != plan->count || p->rotor != plan->rotor || p->digest != plan_digest(plan))
                return false;
        for (uint32_t i = 0; i < p->count; i++)
                if (targets_of(p)[i] != plan->members[i].target)
                        return false;
        return true;
}

struct picker *picker_new(const struct picker_plan *plan)
{
        uint32_t n = plan->count;
        assert(n <= UINT16_MAX); /* buckets hold 16 bits, and so many weights of 16 bits add up in 32 */
        assert(plan->answers >= 1 && plan->answers <= ANSWERS_MAX);
        unsigned answers = plan->answers < n ? plan->answers : n;
        bool hashed = plan->mode == PICKER_HASHED && n > 1;
        assert(!hashed || plan->tools);
        size_t buckets = hashed ? buckets_size(answers, n) : 0;
        struct picker *p = memory_alloc(
                sizeof(*p) + n * (sizeof(struct target *) + sizeof(struct alias) + sizeof(uint32_t)) + buckets);

        *p = (struct picker){.mode = (uint8_t)plan->mode,
                             .answers = (uint8_t)answers,
                             .hash_v4 = plan->hash_v4,
                             .hash_v6 = plan->hash_v6,
                             .count = n,
                             .rotor = plan->rotor,
                             .digest = plan_digest(plan),
                             .salt = plan->salt};
        if (n <= 1)
                p->mode = n ? PICKER_ONE : PICKER_NONE;
        for (uint32_t i = 0; i < n; i++)
                targets_of(p)[i] = plan->members[i].target;
        if (n)
                weights_fill(p, plan);
        if (hashed) {
                p->bits = member_bits(n);
                buckets_fill(p, plan);
        }
        return p;
}

void picker_free(void *picker)
{
        free(picker);
}

/* --- picking --- */

static inline void give(const struct picker *p, uint32_t i, struct pick *pick)
{
        pick->targets[pick->count++] = targets_of(p)[i];
}

static void give_in_turn(const struct picker *p, uint32_t first, struct pick *pick)
{
        for (unsigned n = p->answers; n; n--) {
                give(p, first, pick);
                if (++first == p->count)
                        first = 0;
        }
}

/* More answers behind the first, each drawn by weight from those that are left. */
static void give_exactly(const struct picker *p, uint32_t first, struct picker_state *state, struct pick *pick)
{
        uint64_t used = (uint64_t)1 << first;
        uint32_t total = p->total - weights_of(p)[first];

        for (unsigned n = p->answers - 1u; n; n--) {
                uint32_t at = random_below(&state->random, total), i = 0;
                for (;; i++) {
                        if (used >> i & 1)
                                continue;
                        if (at < weights_of(p)[i])
                                break;
                        at -= weights_of(p)[i];
                }
                used |= (uint64_t)1 << i;
                total -= weights_of(p)[i];
                give(p, i, pick);
        }
}

static bool given(const struct pick *pick, unsigned from, const struct target *t)
{
        for (unsigned i = from; i < pick->count; i++)
                if (pick->targets[i] == t)
                        return true;
        return false;
}

/* Large pools: draw again what was drawn already, some times; then take the next ones. */
static void give_by_drawing(const struct picker *p, struct picker_state *state, struct pick *pick, unsigned from)
{
        for (unsigned n = p->answers - 1u; n; n--) {
                uint32_t i = alias_draw(alias_of(p), p->count, &state->random);
                for (unsigned tries = 0; tries < 8 && given(pick, from, targets_of(p)[i]); tries++)
                        i = alias_draw(alias_of(p), p->count, &state->random);
                while (given(pick, from, targets_of(p)[i]))
                        i = i + 1 == p->count ? 0 : i + 1;
                give(p, i, pick);
        }
}

static void give_weighted(const struct picker *p, struct picker_state *state, struct pick *pick)
{
        uint32_t first = alias_draw(alias_of(p), p->count, &state->random);
        unsigned from = pick->count;

        give(p, first, pick);
        if (p->answers == 1)
                return;
        if (p->count <= EXACT_MAX)
                give_exactly(p, first, state, pick);
        else
                give_by_drawing(p, state, pick, from);
}

static inline uint64_t load_masked(const uint8_t *bytes, unsigned bits)
{
        uint64_t v;

        memcpy(&v, bytes, sizeof(v));
        v = __builtin_bswap64(v);
        return bits >= 64 ? v : bits ? v & ~(UINT64_MAX >> bits) : 0;
}

/* What the client's prefix decides is true for no wider prefix; so too when just now there is nothing to decide. */
static inline unsigned narrow_scope(const struct picker *p, const struct client *client, struct pick *pick)
{
        unsigned bits = client->prefix.address.family == ADDRESS_V4 ? p->hash_v4 : p->hash_v6;

        if (bits > pick->scope)
                pick->scope = (uint8_t)bits;
        return bits;
}

static void give_hashed(const struct picker *p, const struct client *client, struct pick *pick)
{
        const struct address *a = &client->prefix.address;
        unsigned bits = narrow_scope(p, client, pick);
        uint64_t h = p->salt ^ a->family ^ load_masked(a->bytes, bits);

        if (bits > 64)
                h = hash_mix(h) ^ load_masked(a->bytes + 8, bits - 64);
        uint32_t first = (uint32_t)(hash_mix(h) & (PICKER_BUCKETS - 1)) * p->answers;
        for (unsigned i = 0; i < p->answers; i++)
                give(p, bucket_member(p, first + i), pick);
}

void picker_pick(const struct picker *p, const struct client *client, struct picker_state *state, struct pick *pick)
{
        switch ((enum picker_mode)p->mode) {
        case PICKER_NONE:
                return;
        case PICKER_ONE:
                narrow_scope(p, client, pick);
                give(p, 0, pick);
                return;
        case PICKER_ORDERED:
                give_in_turn(p, 0, pick);
                return;
        case PICKER_WEIGHTED:
        case PICKER_UNIFORM:
                give_weighted(p, state, pick);
                return;
        case PICKER_ROTATE:
                give_in_turn(p, state->rotors[p->rotor % ROTOR_COUNT]++ % p->count, pick);
                return;
        case PICKER_HASHED:
                give_hashed(p, client, pick);
                return;
        case PICKER_ALL:
                give_in_turn(p, alias_draw(alias_of(p), p->count, &state->random), pick);
                return;
        }
}

/* --- for explanations --- */

uint32_t picker_count(const struct picker *p)
{
        return p->count;
}

const struct target *picker_target(const struct picker *p, uint32_t i)
{
        assert(i < p->count);
        return targets_of(p)[i];
}

enum picker_mode picker_mode(const struct picker *p)
{
        return (enum picker_mode)p->mode;
}

double picker_share(const struct picker *p, uint32_t i)
{
        assert(i < p->count);
        if (p->mode == PICKER_ORDERED)
                return i == 0;
        if (p->mode == PICKER_UNIFORM || p->mode == PICKER_ROTATE)
                return 1.0 / p->count;
        return (double)weights_of(p)[i] / p->total;
}
