#include "admin/states/flattening.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "zones/dns/name.h"
#include "zones/steering/steering.h"

struct watched {
        struct flattening *flattening;
        char *name;
        struct event *timer;
        struct lookup *lookup;    /* under way, or NULL */
        uint32_t *endpoints;      /* of the snapshot watched for */
        uint32_t count, room;     /* of them; 0: not wanted */
        struct address_set known; /* as it was found */
        int64_t v4_ms, v6_ms;     /* when the TTLs of its addresses of a family are over */
        bool found;               /* `known` is good */
        bool stale;               /* but its TTL is over */
        bool failing;             /* the last question brought nothing */
};

struct flattening {
        struct event_base *base;
        struct resolver *resolver;
        struct map *names; /* of struct watched, owned */
        int64_t stale_for_ms;
        struct wanted {
                struct watched *of; /* NULL: none of its names is wanted */
                uint32_t at;        /* in its list */
        } * wanted;                 /* by number of endpoint */
        uint32_t wanted_room;
};

/* --- publishing --- */

/* The name as it is asked for and kept: lower case, no dot behind. */
static const char *name_of(const struct endpoint *e, char out[NAME_TEXT_MAX])
{
        uint8_t lower[NAME_WIRE_MAX];

        memcpy(lower, e->cname, name_length(e->cname));
        name_lower(lower);
        return name_format(lower, out);
}

/* What is served of it now. */
static struct address_set served(const struct watched *w)
{
        struct address_set set = w->known;
        int64_t left_ms = set.found_ms + set.ttl * INT64_C(1000) - (int64_t)clock_ms();

        set.stale = w->stale;
        if (w->stale)
                set.ttl = FLATTENING_STALE_TTL_S;
        else if (w->failing)
                set.ttl = left_ms > 1000 ? (uint32_t)(left_ms / 1000) : 1;
        return set;
}

static void publish(const struct watched *w)
{
        struct snapshot *s = snapshot_current();
        const struct address_set set = served(w);

        for (uint32_t i = 0; s && i < w->count; i++)
                steering_set_addresses(s->steering, w->endpoints[i], w->found ? &set : NULL);
}

/* --- asking --- */

static void schedule(struct watched *w, int64_t seconds)
{
        const struct timeval at = {seconds, 0};

        event_add(w->timer, &at);
}

static void log_failure(const struct watched *w)
{
        if (w->stale)
                log_warning("resolver", "%s: no addresses found and the TTL of the last known is over: they are stale",
                            w->name);
        else
                log_warning("resolver", "%s: no addresses found, %s", w->name,
                            w->found ? "the last known stay in force" : "none are known");
}

static void watched_fail(struct watched *w)
{
        int64_t over_ms = (int64_t)clock_ms() - w->known.found_ms - w->known.ttl * INT64_C(1000);
        bool was_failing = w->failing, was_stale = w->stale, was_found = w->found;

        w->failing = true;
        w->found = w->found && over_ms < w->flattening->stale_for_ms;
        w->stale = w->found && over_ms >= 0;
        if (!was_failing || w->stale > was_stale || w->found < was_found)
                log_failure(w);
        if (was_found)
                publish(w);
        schedule(w, FLATTENING_RETRY_S);
}

/* Silence is no answer: what was known of the family stays as long as stale addresses do. */
static uint8_t take_family(const struct watched *w, const struct resolved_family *f, uint8_t *known,
                           uint8_t known_count, size_t size, int64_t *over_ms)
{
        int64_t now = (int64_t)clock_ms();

        if (f->said != RESOLVER_ANSWERED)
                return now < *over_ms + w->flattening->stale_for_ms ? known_count : 0;
        *over_ms = now + f->ttl_s * INT64_C(1000);
        for (uint32_t i = 0; i < f->count && i < ADDRESSES_MAX; i++)
                memcpy(known + i * size, f->list[i].bytes, size);
        return (uint8_t)(f->count < ADDRESSES_MAX ? f->count : ADDRESSES_MAX);
}

static uint32_t ttl_of(const struct resolved *r)
{
        uint32_t v4 = r->v4.count ? r->v4.ttl_s : UINT32_MAX, v6 = r->v6.count ? r->v6.ttl_s : UINT32_MAX;

        return v4 < v6 ? v4 : v6;
}

static void on_resolved(void *context, const struct resolved *r)
{
        struct watched *w = context;
        struct address_set *known = &w->known;

        w->lookup = NULL;
        if (!r->v4.count && !r->v6.count) {
                watched_fail(w);
                return;
        }
        known->v4_count = take_family(w, &r->v4, known->v4[0], known->v4_count, sizeof(known->v4[0]), &w->v4_ms);
        known->v6_count = take_family(w, &r->v6, known->v6[0], known->v6_count, sizeof(known->v6[0]), &w->v6_ms);
        known->ttl = ttl_of(r);
        known->found_ms = (int64_t)clock_ms();
        if (w->failing)
                log_info("resolver", "%s: addresses are found", w->name);
        w->found = true;
        w->stale = w->failing = false;
        publish(w);
        schedule(w, known->ttl < FLATTENING_FASTEST_S   ? FLATTENING_FASTEST_S
                    : known->ttl > FLATTENING_SLOWEST_S ? FLATTENING_SLOWEST_S
                                                        : known->ttl);
}

static void ask(evutil_socket_t fd, short what, void *context)
{
        struct watched *w = context;

        w->lookup = resolver_ask(w->flattening->resolver, w->name, on_resolved, w);
}

/* --- what is wanted --- */

static void watched_free(struct watched *w)
{
        resolver_cancel(w->lookup);
        event_free(w->timer);
        free(w->endpoints);
        free(w->name);
        free(w);
}

static struct watched *watched_get(struct flattening *f, const char *name)
{
        const struct timeval now = {0, 0};
        struct watched *w = map_get(f->names, name);

        if (w || map_count(f->names) >= FLATTENING_NAMES_MAX)
                return w;
        w = memory_alloc(sizeof(*w));
        w->flattening = f;
        w->name = memory_strdup(name);
        w->timer = event_new(f->base, -1, 0, ask, w);
        map_set(f->names, name, w);
        event_add(w->timer, &now);
        return w;
}

static void make_room(struct flattening *f, uint32_t endpoint)
{
        uint32_t room = f->wanted_room ? f->wanted_room : 64;

        if (endpoint < f->wanted_room)
                return;
        while (room <= endpoint)
                room *= 2;
        f->wanted = memory_resize(f->wanted, room * sizeof(*f->wanted));
        memset(f->wanted + f->wanted_room, 0, (room - f->wanted_room) * sizeof(*f->wanted));
        f->wanted_room = room;
}

static void want(struct watched *w, uint32_t endpoint)
{
        make_room(w->flattening, endpoint);
        if (w->count == w->room) {
                w->room = w->room ? 2 * w->room : 4;
                w->endpoints = memory_resize(w->endpoints, w->room * sizeof(*w->endpoints));
        }
        w->flattening->wanted[endpoint] = (struct wanted){w, w->count};
        w->endpoints[w->count++] = endpoint;
}

static void want_no_more(struct flattening *f, uint32_t endpoint)
{
        struct wanted *was = &f->wanted[endpoint];
        struct watched *w = was->of;
        uint32_t last = w->endpoints[--w->count];

        w->endpoints[was->at] = last;
        f->wanted[last].at = was->at;
        *was = (struct wanted){NULL, 0};
        if (w->count)
                return;
        map_remove(f->names, w->name);
        watched_free(w);
}

static struct watched *watched_of(const struct flattening *f, uint32_t endpoint)
{
        return endpoint < f->wanted_room ? f->wanted[endpoint].of : NULL;
}

static void tell_too_many(void)
{
        log_error("resolver", "more than %d host names to flatten: the others are not looked up", FLATTENING_NAMES_MAX);
}

static void set_addresses(const struct watched *w, const struct snapshot *s, uint32_t endpoint)
{
        if (!w->found)
                return;
        const struct address_set set = served(w);
        steering_set_addresses(s->steering, endpoint, &set);
}

void flattening_look(struct flattening *f, const struct snapshot *s, uint32_t endpoint)
{
        const struct endpoint *e = s->base->model->endpoints[endpoint];
        bool needed = e && steering_flattens(s->steering, endpoint);
        struct watched *was = watched_of(f, endpoint), *is = NULL;
        char text[NAME_TEXT_MAX];

        if (!needed && !was)
                return;
        if (needed && !(is = watched_get(f, name_of(e, text))))
                tell_too_many();
        if (was && is != was)
                want_no_more(f, endpoint);
        if (is && is != was)
                want(is, endpoint);
        if (is)
                set_addresses(is, s, endpoint);
}

static void forget_unwanted(struct flattening *f)
{
        struct map *kept = map_new();
        const char *name;
        void *value;

        for (size_t at = 0; map_next(f->names, &at, &name, &value);)
                if (((struct watched *)value)->count)
                        map_set(kept, name, value);
                else
                        watched_free(value);
        map_free(f->names);
        f->names = kept;
}

uint32_t *flattening_wanted(const struct snapshot *s, uint32_t *count)
{
        uint32_t *numbers = memory_alloc(sizeof(*numbers)), room = 1;

        *count = 0;
        model_each (endpoint, e, s->model->endpoints, s->model->endpoint_count) {
                if (!steering_flattens(s->steering, e->number))
                        continue;
                if (*count == room)
                        numbers = memory_resize(numbers, (room *= 2) * sizeof(*numbers));
                numbers[(*count)++] = e->number;
        }
        return numbers;
}

void flattening_watch(struct flattening *f, struct snapshot *s, const uint32_t *numbers, uint32_t count)
{
        char text[NAME_TEXT_MAX];
        const char *name;
        bool too_many = false;
        void *value;

        for (size_t at = 0; map_next(f->names, &at, &name, &value);)
                ((struct watched *)value)->count = 0;
        free(f->wanted);
        f->wanted = NULL;
        f->wanted_room = 0;
        for (uint32_t i = 0; i < count; i++) {
                const struct endpoint *e = s->model->endpoints[numbers[i]];
                struct watched *w = watched_get(f, name_of(e, text));
                too_many |= !w;
                if (!w)
                        continue;
                want(w, e->number);
                set_addresses(w, s, e->number);
        }
        forget_unwanted(f);
        if (too_many)
                tell_too_many();
}

/* --- what it tells --- */

bool flattening_settled(const struct flattening *f)
{
        const char *name;
        void *value;

        for (size_t at = 0; map_next(f->names, &at, &name, &value);)
                if (!((struct watched *)value)->found && !((struct watched *)value)->failing)
                        return false;
        return true;
}

struct flattening_counts flattening_count(const struct flattening *f)
{
        struct flattening_counts counts = {.names = map_count(f->names)};
        const char *name;
        void *value;

        for (size_t at = 0; map_next(f->names, &at, &name, &value);) {
                counts.stale += ((struct watched *)value)->stale;
                counts.unknown += !((struct watched *)value)->found;
        }
        return counts;
}

const char *flattening_stale_name(const struct flattening *f)
{
        const char *name;
        void *value;

        for (size_t at = 0; map_next(f->names, &at, &name, &value);)
                if (((struct watched *)value)->stale)
                        return name;
        return NULL;
}

/* --- opening and closing --- */

struct flattening *flattening_new(struct event_base *base, const struct resolver_options *o, int64_t stale_for_ms,
                                  char *error, size_t error_size)
{
        struct resolver *resolver = resolver_new(base, o, error, error_size);
        struct flattening *f = resolver ? memory_alloc(sizeof(*f)) : NULL;

        if (!f)
                return NULL;
        *f = (struct flattening){.base = base, .resolver = resolver, .names = map_new(), .stale_for_ms = stale_for_ms};
        return f;
}

void flattening_free(struct flattening *f)
{
        const char *name;
        void *value;

        if (!f)
                return;
        for (size_t at = 0; map_next(f->names, &at, &name, &value);)
                watched_free(value);
        map_free(f->names);
        resolver_free(f->resolver);
        free(f->wanted);
        free(f);
}
