#include "zones/steering/targets.h"

#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "base/rcu.h"
#include "zones/dns/name.h"
#include "zones/dns/numbers.h"

/* A host name's RDATA is followed by the slot of its addresses: rcu; NULL: not known; owned. */
#define SLOT sizeof(const struct address_set *)

static size_t round_up(size_t n)
{
        return (n + 7) & ~(size_t)7;
}

/* Where the name begins, counted from the target; targets begin at multiples of 8. */
static size_t name_at(uint16_t type, size_t rdata_length)
{
        size_t end = offsetof(struct target, rdata) + rdata_length;

        return type == TYPE_CNAME ? round_up(end) + SLOT : end;
}

static struct targets *block_new(struct arena *arena, size_t size)
{
        struct targets *t = arena ? arena_alloc(arena, sizeof(*t) + size) : memory_alloc(sizeof(*t) + size);

        t->size = (uint32_t)size;
        t->allocated = !arena;
        return t;
}

static size_t put_text(struct targets *t, size_t at, const char *text)
{
        size_t length = strlen(text) + 1;

        if (t)
                memcpy(t->bytes + at, text, length);
        return at + length;
}

static size_t put_names(struct targets *t, const char *pool, const char *region, const char *service)
{
        return put_text(t, put_text(t, put_text(t, 0, pool), region), service);
}

static size_t put_target(struct targets *t, size_t at, uint16_t type, const uint8_t *rdata, size_t length,
                         uint32_t endpoint, const char *name)
{
        size_t begin = round_up(at), text = begin + name_at(type, length);

        if (t) {
                struct target *one = (struct target *)(void *)(t->bytes + begin);
                one->endpoint = endpoint;
                one->type = type;
                one->rdata_length = (uint16_t)length;
                memcpy(one->rdata, rdata, length);
                t->count++;
        }
        return put_text(t, text, name);
}

static size_t put_address(struct targets *t, size_t at, const struct address *a, uint32_t endpoint, const char *name)
{
        bool v4 = a->family == ADDRESS_V4;

        return put_target(t, at, v4 ? TYPE_A : TYPE_AAAA, a->bytes, v4 ? 4 : 16, endpoint, name);
}

static size_t put_pool(struct targets *t, const struct pool *p)
{
        const struct endpoint *endpoints = p->endpoints.items;
        size_t at = put_names(t, p->name, p->region_name ? p->region_name : "", p->service_name ? p->service_name : "");

        for (uint32_t i = 0; i < p->endpoints.count; i++) {
                const struct endpoint *e = &endpoints[i];
                if (e->type == ENDPOINT_CNAME)
                        at = put_target(t, at, TYPE_CNAME, e->cname, name_length(e->cname), e->number, e->name);
                else
                        at = put_address(t, at, &e->address, e->number, e->name);
        }
        return at;
}

struct targets *targets_of_pool(struct arena *arena, const struct pool *p)
{
        struct targets *t = block_new(arena, put_pool(NULL, p));

        put_pool(t, p);
        return t;
}

static size_t put_list(struct targets *t, const struct address_list *list)
{
        size_t at = put_names(t, "", "", "");

        for (uint32_t i = 0; i < list->count; i++)
                at = put_address(t, at, &list->items[i], MODEL_NONE, "");
        return at;
}

struct targets *targets_of_addresses(struct arena *arena, const struct address_list *list)
{
        struct targets *t = block_new(arena, put_list(NULL, list));

        put_list(t, list);
        return t;
}

/* --- names --- */

static const char *behind(const char *text)
{
        return text + strlen(text) + 1;
}

const char *targets_pool(const struct targets *t)
{
        return t->bytes;
}

const char *targets_region(const struct targets *t)
{
        return behind(t->bytes);
}

const char *targets_service(const struct targets *t)
{
        return behind(targets_region(t));
}

const char *target_name(const struct target *t)
{
        return (const char *)t + name_at(t->type, t->rdata_length);
}

/* --- walking --- */

static const struct target *target_at(const char *end)
{
        return (const struct target *)round_up((uintptr_t)end);
}

const struct target *targets_first(const struct targets *t)
{
        return target_at(behind(targets_service(t)));
}

const struct target *target_next(const struct target *t)
{
        return target_at(behind(target_name(t)));
}

const struct target *targets_find(const struct targets *t, uint32_t endpoint)
{
        const struct target *one = targets_first(t);

        for (uint32_t i = 0; i < t->count; i++, one = target_next(one))
                if (one->endpoint == endpoint)
                        return one;
        return NULL;
}

bool target_equal(const struct target *a, const struct target *b)
{
        return a->type == b->type && a->rdata_length == b->rdata_length && !memcmp(a->rdata, b->rdata, a->rdata_length);
}

bool targets_equal(const struct targets *a, const struct targets *b)
{
        const struct target *x = targets_first(a), *y = targets_first(b);

        if (a->count != b->count || a->size != b->size || strcmp(targets_region(a), targets_region(b)) != 0 ||
            strcmp(targets_service(a), targets_service(b)) != 0)
                return false;
        for (uint32_t i = 0; i < a->count; i++, x = target_next(x), y = target_next(y))
                if (x->endpoint != y->endpoint || !target_equal(x, y))
                        return false;
        return true;
}

/* --- addresses --- */

const struct address_set **target_slot(const struct target *t)
{
        return (const struct address_set **)round_up((uintptr_t)t->rdata + t->rdata_length);
}

const struct address_set *target_addresses(const struct target *t)
{
        return t->type == TYPE_CNAME ? rcu_get(*target_slot(t)) : NULL;
}

void targets_free(struct targets *t, const struct targets *heir)
{
        const struct target *one = t ? targets_first(t) : NULL;

        for (uint32_t i = 0; t && i < t->count; i++, one = target_next(one)) {
                const struct target *other = heir ? targets_find(heir, one->endpoint) : NULL;
                const struct address_set *set = target_addresses(one);
                if (set && (!other || target_addresses(other) != set))
                        free((void *)set);
        }
        if (t && t->allocated)
                free(t);
}
