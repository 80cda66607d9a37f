#include "admin/control/resolver.h"

#include <event2/dns.h>
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
        struct resolver *resolver;
        char *name;
        struct event *timer;
        struct address_set known, next;
        bool found;        /* `known` is good */
        bool wanted;       /* by the snapshot watched for */
        bool failing;      /* the last question brought nothing */
        unsigned pending;  /* questions under way */
        unsigned families; /* that were answered, if only with "none" */
};

struct resolver {
        struct event_base *base;
        struct evdns_base *dns;
        struct map *names; /* of struct watched, owned */
};

/* --- publishing --- */

/* The name as it is asked and kept: lower case, no dot behind. */
static const char *name_of(const struct endpoint *e, char out[NAME_TEXT_MAX])
{
        uint8_t lower[NAME_WIRE_MAX];

        memcpy(lower, e->cname, name_length(e->cname));
        name_lower(lower);
        return name_format(lower, out);
}

static void publish(const struct watched *w)
{
        struct snapshot *s = snapshot_current();
        char name[NAME_TEXT_MAX];

        for (uint32_t i = 0; s && i < s->model->endpoint_count; i++)
                if (steering_flattens(s->steering, i) && !strcmp(name_of(s->model->endpoints[i], name), w->name))
                        steering_set_addresses(s->steering, i, &w->known);
}

/* --- asking --- */

static void schedule(struct watched *w, int64_t seconds)
{
        const struct timeval at = {seconds, 0};

        event_add(w->timer, &at);
}

static void watched_free(struct watched *w)
{
        event_free(w->timer);
        free(w->name);
        free(w);
}

/* Both answers are in. Addresses of a family go when the resolver says that there are none but has some of the other.
 */
static void finish(struct watched *w)
{
        struct address_set *next = &w->next;

        if (!next->v4_count && !next->v6_count) {
                if (!w->failing)
                        log_warning("resolver", "%s: no addresses found, %s", w->name,
                                    w->found ? "the last known stay in force" : "none were known before");
                w->failing = true;
                schedule(w, RESOLVER_RETRY_S);
                return;
        }
        if (!(w->families & 1)) { /* silence is no answer */
                memcpy(next->v4, w->known.v4, sizeof(next->v4));
                next->v4_count = w->known.v4_count;
        }
        if (!(w->families & 2)) {
                memcpy(next->v6, w->known.v6, sizeof(next->v6));
                next->v6_count = w->known.v6_count;
        }
        next->found_ms = (int64_t)clock_ms();
        w->known = *next;
        w->found = true;
        w->failing = false;
        publish(w);
        schedule(w, next->ttl < RESOLVER_FASTEST_S   ? RESOLVER_FASTEST_S
                    : next->ttl > RESOLVER_SLOWEST_S ? RESOLVER_SLOWEST_S
                                                     : next->ttl);
}

static void on_answer(int result, char type, int count, int ttl, void *addresses, void *context)
{
        struct watched *w = context;
        struct address_set *next = &w->next;
        unsigned n = count > ADDRESSES_MAX ? ADDRESSES_MAX : count > 0 ? (unsigned)count : 0;

        w->pending--;
        if (result == DNS_ERR_NONE && type == DNS_IPv4_A) {
                memcpy(next->v4, addresses, n * sizeof(next->v4[0]));
                next->v4_count = (uint8_t)n;
                w->families |= 1;
        } else if (result == DNS_ERR_NONE && type == DNS_IPv6_AAAA) {
                memcpy(next->v6, addresses, n * sizeof(next->v6[0]));
                next->v6_count = (uint8_t)n;
                w->families |= 2;
        }
        if (result == DNS_ERR_NONE && n && ttl >= 0 && (uint32_t)ttl < next->ttl)
                next->ttl = (uint32_t)ttl;
        if (w->pending)
                return;
        if (w->wanted)
                finish(w);
        else
                watched_free(w); /* it left the table while questions were under way */
}

/* "No data" of one family comes as an error of its own, without a type. */
static void on_answer_v4(int result, char type, int count, int ttl, void *addresses, void *context)
{
        if (result == DNS_ERR_NODATA)
                ((struct watched *)context)->families |= 1;
        on_answer(result, type, count, ttl, addresses, context);
}

static void on_answer_v6(int result, char type, int count, int ttl, void *addresses, void *context)
{
        if (result == DNS_ERR_NODATA)
                ((struct watched *)context)->families |= 2;
        on_answer(result, type, count, ttl, addresses, context);
}

static void ask(evutil_socket_t fd, short what, void *context)
{
        struct watched *w = context;
        struct evdns_base *dns = w->resolver->dns;

        w->next = (struct address_set){.ttl = UINT32_MAX};
        w->families = 0;
        w->pending = 1; /* answers may come from inside the calls */
        w->pending++;
        if (!evdns_base_resolve_ipv4(dns, w->name, DNS_QUERY_NO_SEARCH, on_answer_v4, w))
                w->pending--;
        w->pending++;
        if (!evdns_base_resolve_ipv6(dns, w->name, DNS_QUERY_NO_SEARCH, on_answer_v6, w))
                w->pending--;
        if (!--w->pending)
                finish(w);
}

/* --- what is wanted --- */

static struct watched *watch(struct resolver *r, const char *name)
{
        const struct timeval now = {0, 0};
        struct watched *w = map_get(r->names, name);

        if (w || map_count(r->names) >= RESOLVER_NAMES_MAX)
                return w;
        w = memory_alloc(sizeof(*w));
        w->resolver = r;
        w->name = memory_strdup(name);
        w->timer = event_new(r->base, -1, 0, ask, w);
        map_set(r->names, name, w);
        event_add(w->timer, &now);
        return w;
}

static void forget(struct resolver *r, struct watched *w)
{
        map_remove(r->names, w->name);
        if (w->pending)
                event_del(w->timer); /* the last answer frees it */
        else
                watched_free(w);
}

static void forget_unwanted(struct resolver *r)
{
        const char *name;
        void *value;

        for (bool again = true; again;) {
                again = false;
                for (size_t at = 0; !again && map_next(r->names, &at, &name, &value);)
                        if (!((struct watched *)value)->wanted) {
                                forget(r, value);
                                again = true;
                        }
        }
}

void resolver_watch(struct resolver *r, struct snapshot *s)
{
        char text[NAME_TEXT_MAX];
        const char *name;
        void *value;

        for (size_t at = 0; map_next(r->names, &at, &name, &value);)
                ((struct watched *)value)->wanted = false;
        for (uint32_t i = 0; i < s->model->endpoint_count; i++) {
                if (!steering_flattens(s->steering, i))
                        continue;
                struct watched *w = watch(r, name_of(s->model->endpoints[i], text));
                if (!w) {
                        log_error("resolver", "more than %d host names to flatten", RESOLVER_NAMES_MAX);
                        break;
                }
                w->wanted = true;
                if (w->found)
                        steering_set_addresses(s->steering, i, &w->known);
        }
        forget_unwanted(r);
}

bool resolver_settled(const struct resolver *r)
{
        const char *name;
        void *value;

        for (size_t at = 0; map_next(r->names, &at, &name, &value);)
                if (!((struct watched *)value)->found && !((struct watched *)value)->failing)
                        return false;
        return true;
}

/* --- opening and closing --- */

struct resolver *resolver_new(struct event_base *base, const char *const *servers, size_t count, char *error,
                              size_t error_size)
{
        struct resolver *r = memory_alloc(sizeof(*r));
        int failed = 0;

        r->base = base;
        r->names = map_new();
        r->dns = evdns_base_new(base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
        if (r->dns) {
                evdns_base_set_option(r->dns, "timeout", "2");
                evdns_base_set_option(r->dns, "attempts", "2");
                evdns_base_set_option(r->dns, "initial-probe-timeout", "2");
        }
        /* Without servers in resolv.conf evdns asks 127.0.0.1, as the C library does. */
        if (r->dns && !count)
                evdns_base_resolv_conf_parse(r->dns, DNS_OPTION_NAMESERVERS, "/etc/resolv.conf");
        for (size_t i = 0; r->dns && i < count && !failed; i++)
                if ((failed = evdns_base_nameserver_ip_add(r->dns, servers[i])))
                        snprintf(error, error_size, "resolver: cannot use \"%s\"", servers[i]);
        if (!r->dns)
                snprintf(error, error_size, "resolver: cannot be started");
        if (r->dns && !failed)
                return r;
        resolver_free(r);
        return NULL;
}

void resolver_free(struct resolver *r)
{
        const char *name;
        void *value;

        if (!r)
                return;
        if (r->dns)
                evdns_base_free(r->dns, 0);
        for (size_t at = 0; map_next(r->names, &at, &name, &value);)
                watched_free(value);
        map_free(r->names);
        free(r);
}
