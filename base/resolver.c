#include "base/resolver.h"

#include <ares.h>
#include <event2/event.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"

#define EDNS_SIZE 1232

/* A socket of c-ares' that libevent watches. */
struct watch {
        LIST_ENTRY(watch) entry;
        struct asking *asking;
        struct event *event;
        ares_socket_t fd;
};

/* One question of one family, with a channel and so with a port of its own. */
struct asking {
        struct question *question;
        struct resolved_family *family;
        ares_channel channel; /* NULL: it could not be made */
        struct event *timer;
        LIST_HEAD(, watch) watches;
        bool over;
};

enum question_state { QUESTION_IDLE, QUESTION_QUEUED, QUESTION_ASKED, QUESTION_OVER, QUESTION_READY };

/* A name: asked for now, or kept. */
struct question {
        TAILQ_ENTRY(question) entry; /* in the list of its `state` */
        struct resolver *resolver;
        char *name;
        enum question_state state;
        bool silent; /* nobody answered the last time */
        struct resolved resolved;
        uint64_t answered_ms, until_ms; /* `resolved` is good until then */
        uint64_t started_ms;
        struct asking v6, v4; /* under way */
        LIST_HEAD(, lookup) lookups;
};
TAILQ_HEAD(questions, question);

struct lookup {
        LIST_ENTRY(lookup) entry;
        struct question *question;
        resolver_done *done;
        void *context;
};

struct resolver {
        struct event_base *base;
        char *servers; /* for c-ares, "address:port,address:port"; NULL: the system's */
        bool hosts;
        struct map *names;          /* of struct question */
        struct questions queues[2]; /* wait to be asked; by `silent` */
        struct questions asked;     /* under way, also when over */
        struct questions ready;     /* to be handed out */
        struct questions idle;      /* nobody waits; what was answered first stands first */
        unsigned running[2];        /* under way; by `silent` */
        struct event *turn;         /* active when there is something to begin or to hand out */
};

static void take_turn(struct resolver *r)
{
        event_active(r->turn, EV_TIMEOUT, 0);
}

/* --- c-ares on libevent --- */

static void resolver_set_timer(struct asking *a)
{
        uint64_t now = clock_ms(), end = a->question->started_ms + RESOLVER_LOOKUP_MS, left = now < end ? end - now : 0;
        struct timeval most = {(time_t)(left / 1000), (suseconds_t)(left % 1000 * 1000)}, wait;

        if (a->over)
                event_del(a->timer);
        else
                event_add(a->timer, ares_timeout(a->channel, &most, &wait));
}

static void on_socket(evutil_socket_t fd, short what, void *context)
{
        struct asking *a = ((struct watch *)context)->asking;

        ares_process_fd(a->channel, what & EV_READ ? fd : ARES_SOCKET_BAD, what & EV_WRITE ? fd : ARES_SOCKET_BAD);
        resolver_set_timer(a);
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
        struct asking *a = context;

        if (clock_ms() >= a->question->started_ms + RESOLVER_LOOKUP_MS)
                ares_cancel(a->channel);
        else
                ares_process_fd(a->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
        resolver_set_timer(a);
}

static void unwatch(struct watch *w)
{
        LIST_REMOVE(w, entry);
        event_free(w->event);
        free(w);
}

static void on_interest(void *context, ares_socket_t fd, int readable, int writable)
{
        struct asking *a = context;
        struct watch *w;

        LIST_FOREACH(w, &a->watches, entry)
        if (w->fd == fd) {
                unwatch(w);
                break;
        }
        if (!readable && !writable)
                return;
        w = memory_alloc(sizeof(*w));
        w->asking = a;
        w->fd = fd;
        short events = (short)((readable ? EV_READ : 0) | (writable ? EV_WRITE : 0) | EV_PERSIST);
        w->event = event_new(a->question->resolver->base, fd, events, on_socket, w);
        LIST_INSERT_HEAD(&a->watches, w, entry);
        if (w->event)
                event_add(w->event, NULL);
}

/* NULL when c-ares cannot: no memory. The system's files are read anew each time, so that a change of them counts. */
static ares_channel open_channel(const struct resolver *r, struct asking *a)
{
        struct ares_options o = {.flags = ARES_FLAG_EDNS | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
                                 .timeout = RESOLVER_TRY_MS,
                                 .tries = RESOLVER_TRIES,
                                 .lookups = r->hosts ? "fb" : "b", /* files, then DNS */
                                 .ednspsz = EDNS_SIZE,
                                 .sock_state_cb = on_interest,
                                 .sock_state_cb_data = a};
        ares_channel channel = NULL;

        if (ares_init_options(&channel, &o,
                              ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
                                      ARES_OPT_DOMAINS | ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_STATE_CB))
                return NULL;
        if (!r->servers || !ares_set_servers_ports_csv(channel, r->servers))
                return channel;
        ares_destroy(channel);
        return NULL;
}

/* --- one question --- */

static void asking_end(struct asking *a)
{
        struct watch *w;

        if (a->channel)
                ares_destroy(a->channel);
        while ((w = LIST_FIRST(&a->watches)))
                unwatch(w);
        if (a->timer)
                event_free(a->timer);
        *a = (struct asking){0};
}

static void take_addresses(struct resolved_family *f, const struct ares_addrinfo *found)
{
        f->ttl_s = UINT32_MAX;
        for (const struct ares_addrinfo_cname *c = found->cnames; c; c = c->next)
                if (c->ttl >= 0 && (uint32_t)c->ttl < f->ttl_s)
                        f->ttl_s = (uint32_t)c->ttl;
        for (const struct ares_addrinfo_node *n = found->nodes; n; n = n->ai_next) {
                if (f->count < RESOLVER_ADDRESSES_MAX)
                        address_from_sockaddr(n->ai_addr, &f->list[f->count++], NULL);
                if (n->ai_ttl >= 0 && (uint32_t)n->ai_ttl < f->ttl_s)
                        f->ttl_s = (uint32_t)n->ai_ttl;
        }
}

static void asking_over(struct asking *a)
{
        struct question *q = a->question;

        a->over = true;
        if (q->state != QUESTION_ASKED || !q->v4.over || !q->v6.over)
                return;
        q->state = QUESTION_OVER;
        take_turn(q->resolver);
}

/* RFC 6761 6.3. Not left to c-ares, which before 1.19 loses memory when /etc/hosts has the name in one family only. */
static bool is_localhost(const struct question *q)
{
        static const char name[] = "localhost";
        size_t length = strlen(q->name), own = sizeof(name) - 1;

        length -= length && q->name[length - 1] == '.';
        return q->resolver->hosts && length >= own && !strncasecmp(q->name + length - own, name, own) &&
               (length == own || q->name[length - own - 1] == '.');
}

static void find_loopback(struct asking *a, int af)
{
        *a->family = (struct resolved_family){.said = RESOLVER_ANSWERED, .count = 1, .ttl_s = RESOLVER_KEPT_MAX_S};
        address_parse(af == AF_INET ? "127.0.0.1" : "::1", &a->family->list[0]);
        asking_over(a);
}

/* From inside of c-ares: the channel goes later. */
static void on_found(void *context, int status, int timeouts, struct ares_addrinfo *found)
{
        struct asking *a = context;

        *a->family =
                (struct resolved_family){.said = status == ARES_SUCCESS || status == ARES_ENODATA ? RESOLVER_ANSWERED
                                                 : status == ARES_ENOTFOUND                       ? RESOLVER_NO_NAME
                                                                                                  : RESOLVER_SILENT};
        if (found)
                take_addresses(a->family, found);
        ares_freeaddrinfo(found);
        asking_over(a);
}

static void ask_family(struct question *q, struct asking *a, struct resolved_family *family, int af)
{
        const struct ares_addrinfo_hints hints = {
                .ai_family = af, .ai_socktype = SOCK_STREAM, .ai_flags = ARES_AI_NOSORT};

        *a = (struct asking){.question = q, .family = family};
        if (is_localhost(q)) {
                find_loopback(a, af);
                return;
        }
        a->timer = evtimer_new(q->resolver->base, on_timer, a);
        a->channel = a->timer ? open_channel(q->resolver, a) : NULL;
        if (!a->channel) {
                on_found(a, ARES_ENOMEM, 0, NULL);
                return;
        }
        ares_getaddrinfo(a->channel, q->name, NULL, &hints, on_found, a);
        resolver_set_timer(a);
}

static void query_begin(struct question *q)
{
        struct resolver *r = q->resolver;

        TAILQ_REMOVE(&r->queues[q->silent], q, entry);
        TAILQ_INSERT_TAIL(&r->asked, q, entry);
        r->running[q->silent]++;
        q->state = QUESTION_ASKED;
        q->started_ms = clock_ms();
        ask_family(q, &q->v6, &q->resolved.v6, AF_INET6);
        ask_family(q, &q->v4, &q->resolved.v4, AF_INET);
}

/* --- what is kept --- */

static void question_free(struct question *q)
{
        struct lookup *l;

        q->state = QUESTION_IDLE; /* what c-ares says in the end is of no use */
        while ((l = LIST_FIRST(&q->lookups))) {
                LIST_REMOVE(l, entry);
                free(l);
        }
        asking_end(&q->v6);
        asking_end(&q->v4);
        free(q->name);
        free(q);
}

static void forget_old(struct resolver *r)
{
        uint64_t now = clock_ms();
        struct question *q;

        while ((q = TAILQ_FIRST(&r->idle)) && q->answered_ms + RESOLVER_KEPT_MAX_S * UINT64_C(1000) <= now) {
                TAILQ_REMOVE(&r->idle, q, entry);
                map_remove(r->names, q->name);
                question_free(q);
        }
}

/* Addresses are good for the shorter of the TTLs; silence and absence are asked for anew. */
static void keep(struct question *q)
{
        const struct resolved_family *v6 = &q->resolved.v6, *v4 = &q->resolved.v4;
        uint32_t ttl = RESOLVER_KEPT_MAX_S;

        q->silent = v6->said == RESOLVER_SILENT || v4->said == RESOLVER_SILENT;
        if (v6->count && v6->ttl_s < ttl)
                ttl = v6->ttl_s;
        if (v4->count && v4->ttl_s < ttl)
                ttl = v4->ttl_s;
        q->answered_ms = clock_ms();
        q->until_ms = q->answered_ms + (v6->count + v4->count ? ttl * UINT64_C(1000) : 0);
}

static void end(struct question *q)
{
        struct resolver *r = q->resolver;

        asking_end(&q->v6);
        asking_end(&q->v4);
        TAILQ_REMOVE(&r->asked, q, entry);
        r->running[q->silent]--;
        keep(q);
        q->state = QUESTION_READY;
        TAILQ_INSERT_TAIL(&r->ready, q, entry);
}

static void age(struct resolved_family *f, uint32_t seconds)
{
        f->ttl_s = f->ttl_s > seconds ? f->ttl_s - seconds : 0;
}

/* The question is idle while they are called: they may ask for it again, and cancel each other. */
static void hand_out(struct question *q)
{
        struct resolved resolved = q->resolved;
        uint32_t seconds = (uint32_t)((clock_ms() - q->answered_ms) / 1000);
        LIST_HEAD(, lookup) waiting = {LIST_FIRST(&q->lookups)};
        struct lookup *l;

        age(&resolved.v6, seconds);
        age(&resolved.v4, seconds);
        LIST_INIT(&q->lookups);
        if (LIST_FIRST(&waiting))
                LIST_FIRST(&waiting)->entry.le_prev = &waiting.lh_first;
        TAILQ_REMOVE(&q->resolver->ready, q, entry);
        TAILQ_INSERT_TAIL(&q->resolver->idle, q, entry);
        q->state = QUESTION_IDLE;
        while ((l = LIST_FIRST(&waiting))) {
                LIST_REMOVE(l, entry);
                l->done(l->context, &resolved);
                free(l);
        }
}

static void on_turn(evutil_socket_t fd, short what, void *context)
{
        struct resolver *r = context;
        struct question *q, *next;

        for (q = TAILQ_FIRST(&r->asked); q; q = next) {
                next = TAILQ_NEXT(q, entry);
                if (q->state == QUESTION_OVER)
                        end(q);
        }
        while ((q = TAILQ_FIRST(&r->ready)))
                hand_out(q);
        for (int silent = 0; silent < 2; silent++)
                while (r->running[0] + r->running[1] < RESOLVER_LOOKUPS_MAX &&
                       (!silent || r->running[1] < RESOLVER_LOOKUPS_MAX / 2) && (q = TAILQ_FIRST(&r->queues[silent])))
                        query_begin(q);
        forget_old(r);
}

/* --- the room's door --- */

static struct question *question_of(struct resolver *r, const char *name)
{
        struct question *q = map_get(r->names, name);

        if (q)
                return q;
        q = memory_alloc(sizeof(*q));
        q->resolver = r;
        q->name = memory_strdup(name);
        TAILQ_INSERT_TAIL(&r->idle, q, entry);
        map_set(r->names, name, q);
        return q;
}

struct lookup *resolver_ask(struct resolver *r, const char *name, resolver_done *done, void *context)
{
        struct question *q = question_of(r, name);
        struct lookup *l = memory_alloc(sizeof(*l));

        *l = (struct lookup){.question = q, .done = done, .context = context};
        LIST_INSERT_HEAD(&q->lookups, l, entry);
        if (q->state != QUESTION_IDLE)
                return l;
        bool kept = clock_ms() < q->until_ms;
        TAILQ_REMOVE(&r->idle, q, entry);
        if (kept)
                TAILQ_INSERT_TAIL(&r->ready, q, entry);
        else
                TAILQ_INSERT_TAIL(&r->queues[q->silent], q, entry);
        q->state = kept ? QUESTION_READY : QUESTION_QUEUED;
        take_turn(r);
        return l;
}

/* What is under way goes on: its answer is kept. */
void resolver_cancel(struct lookup *l)
{
        if (!l)
                return;
        struct question *q = l->question;
        LIST_REMOVE(l, entry);
        free(l);
        if (q->state != QUESTION_QUEUED || !LIST_EMPTY(&q->lookups))
                return;
        TAILQ_REMOVE(&q->resolver->queues[q->silent], q, entry);
        TAILQ_INSERT_TAIL(&q->resolver->idle, q, entry);
        q->state = QUESTION_IDLE;
}

size_t resolved_list(const struct resolved *r, struct address out[2 * RESOLVER_ADDRESSES_MAX])
{
        memcpy(out, r->v6.list, r->v6.count * sizeof(*out));
        memcpy(out + r->v6.count, r->v4.list, r->v4.count * sizeof(*out));
        return r->v6.count + r->v4.count;
}

static void library_init(void)
{
        ares_library_init(ARES_LIB_INIT_ALL);
}

static char *join(const char *const *servers, size_t count)
{
        char *all = memory_strdup("");

        for (size_t i = 0; i < count; i++) {
                char *longer = memory_printf("%s%s%s", all, i ? "," : "", servers[i]);
                free(all);
                all = longer;
        }
        return all;
}

/* Whether a channel can be opened for such servers. */
static bool can_ask(struct resolver *r)
{
        struct asking trial = {0};

        trial.channel = open_channel(r, &trial);
        bool can = trial.channel;
        asking_end(&trial);
        return can;
}

struct resolver *resolver_new(struct event_base *base, const struct resolver_options *o, char *error, size_t error_size)
{
        static pthread_once_t once = PTHREAD_ONCE_INIT;
        struct resolver *r = memory_alloc(sizeof(*r));

        pthread_once(&once, library_init);
        r->base = base;
        r->hosts = o->hosts;
        r->servers = o->server_count ? join(o->servers, o->server_count) : NULL;
        r->names = map_new();
        r->turn = event_new(base, -1, 0, on_turn, r);
        TAILQ_INIT(&r->queues[0]);
        TAILQ_INIT(&r->queues[1]);
        TAILQ_INIT(&r->asked);
        TAILQ_INIT(&r->ready);
        TAILQ_INIT(&r->idle);
        if (r->turn && (!r->servers || can_ask(r)))
                return r;
        snprintf(error, error_size, "resolver: cannot ask %s", r->servers ? r->servers : "anyone");
        resolver_free(r);
        return NULL;
}

void resolver_free(struct resolver *r)
{
        const char *name;
        void *value;

        if (!r)
                return;
        for (size_t at = 0; map_next(r->names, &at, &name, &value);)
                question_free(value);
        if (r->turn)
                event_free(r->turn);
        map_free(r->names);
        free(r->servers);
        free(r);
}
