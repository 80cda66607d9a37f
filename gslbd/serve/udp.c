#include "gslbd/serve/udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "base/memory.h"
#include "base/rcu.h"
#include "gslbd/serve/confine.h"
#include "gslbd/serve/serve_settings.h"
#include "gslbd/serve/signed.h"
#include "gslbd/serve/sockets.h"

#define BATCH       64
#define REQUEST_MAX 4096
#define CONTROL_MAX 64 /* one in6_pktinfo with its header is 40 bytes */

struct udp_worker {
        int fd;
        struct address address; /* and port on which it listens */
        uint16_t port;
        bool wildcard, confine, running;
        bool stopping; /* atomic */
        pthread_t thread;
        struct answer_context answer;
        struct picker_state picker;
        struct limiter *limiter;
        const struct limit_settings *limits;
        struct mmsghdr in[BATCH], out[BATCH];
        struct iovec in_iov[BATCH], out_iov[BATCH];
        struct sockaddr_storage from[BATCH];
        struct answer_peer peers[BATCH]; /* and the ports that they have sent from, and their networks */
        uint16_t ports[BATCH];
        struct limited clients[BATCH];
        _Alignas(16) char control[BATCH][CONTROL_MAX];
        uint8_t request[BATCH][REQUEST_MAX];
        uint8_t reply[BATCH][ANSWER_UDP_MAX];
};

struct udp_worker *udp_worker_new(int fd, const struct address *address, uint16_t port, struct limits *limits,
                                  bool confine)
{
        struct udp_worker *w = memory_alloc(sizeof(*w));

        w->fd = fd;
        w->confine = confine;
        w->address = *address;
        w->port = port;
        w->wildcard = address_is_wildcard(address);
        w->answer.picker = &w->picker;
        w->answer.counters = counters_register();
        w->answer.tap = tap_register();
        random_seed_system(&w->picker.random);
        w->limiter = limiter_new(limits, w->answer.counters, &w->picker.random);
        for (int i = 0; i < BATCH; i++) {
                w->in_iov[i] = (struct iovec){w->request[i], REQUEST_MAX};
                w->in[i].msg_hdr = (struct msghdr){.msg_name = &w->from[i],
                                                   .msg_iov = &w->in_iov[i],
                                                   .msg_iovlen = 1,
                                                   .msg_control = w->wildcard ? w->control[i] : NULL};
        }
        return w;
}

/* The kernel shrinks these to what it wrote: widen them again. */
static void prepare_receive(struct udp_worker *w, int used)
{
        for (int i = 0; i < used; i++) {
                w->in[i].msg_hdr.msg_namelen = sizeof(w->from[i]);
                w->in[i].msg_hdr.msg_controllen = w->wildcard ? CONTROL_MAX : 0;
                w->in[i].msg_hdr.msg_flags = 0;
        }
}

/* Makes the received packet information say where the reply leaves: same address, any interface (link-local keeps its
 * own). */
static void turn_control(struct msghdr *message)
{
        for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
                if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
                        struct in_pktinfo *info = (struct in_pktinfo *)(void *)CMSG_DATA(c);
                        info->ipi_ifindex = 0;
                } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
                        struct in6_pktinfo *info = (struct in6_pktinfo *)(void *)CMSG_DATA(c);
                        if (!IN6_IS_ADDR_LINKLOCAL(&info->ipi6_addr))
                                info->ipi6_ifindex = 0;
                }
        }
}

/* The address that a message came to. */
static bool came_to(const struct msghdr *message, struct address *out)
{
        for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR((struct msghdr *)message, c)) {
                if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
                        const struct in_pktinfo *info = (const void *)CMSG_DATA(c);
                        *out = (struct address){.family = ADDRESS_V4};
                        memcpy(out->bytes, &info->ipi_addr, 4);
                        return true;
                }
                if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
                        const struct in6_pktinfo *info = (const void *)CMSG_DATA(c);
                        *out = (struct address){.family = ADDRESS_V6};
                        memcpy(out->bytes, &info->ipi6_addr, 16);
                        return true;
                }
        }
        return false;
}

/* Nobody asks from port 0, and whoever seems to ask from where we listen has us talk to ourselves. */
static bool source_is_ours(const struct udp_worker *w, const struct msghdr *in, const struct address *from,
                           uint16_t port)
{
        struct address own = w->address;

        if (port != w->port)
                return !port;
        return (!w->wildcard || came_to(in, &own)) && address_equal(from, &own);
}

/* Whether this client has shown that its address is no forgery: RFC 7873 5.2.4. */
static bool has_cookie(const struct udp_worker *w, const struct query *q, const struct address *from)
{
        return cookie_check(&w->answer.settings->cookies, q->cookie, q->cookie_length, from, w->answer.now_s) ==
               COOKIE_VALID;
}

/* Whether what is over a limit gets another reply than its answer: *length of it, 0 for none. */
static bool held_back(struct udp_worker *w, const struct limited *client, const struct answer_peer *peer,
                      const uint8_t *request, const struct query *q, uint8_t *reply, size_t *length)
{
        enum limit_verdict verdict = limiter_hold(w->limiter, client);
        bool slips = verdict == LIMIT_SLIP && !q->tsig_at; /* unsigned, nobody who signs would believe it */

        *length = slips ? answer_truncated(&w->answer, peer, request, q, reply, ANSWER_UDP_MAX) : 0;
        return verdict != LIMIT_PASS;
}

/* The reply to a query, within the limits of its network. 0: none. */
static size_t answer_within(struct udp_worker *w, const struct limited *client, const struct answer_peer *peer,
                            const uint8_t *request, size_t request_length, const struct query *q, uint8_t *reply)
{
        const bool limits = w->limits->mode != LIMITS_OFF;
        struct answered answered;
        size_t length;

        if (limits && !limiter_query(w->limiter, client) &&
            !(has_cookie(w, q, &peer->address) && limiter_proven(w->limiter, client)) &&
            held_back(w, client, peer, request, q, reply, &length))
                return length;
        struct tap_mark mark = tap_mark(w->answer.tap);
        size_t answer = signed_answer(&w->answer, peer, request, request_length, q, reply, ANSWER_UDP_MAX, &answered);
        if (limits && !limiter_answer(w->limiter, client, &answered) &&
            held_back(w, client, peer, request, q, reply, &length)) {
                tap_back(w->answer.tap, mark);
                return length;
        }
        return answer;
}

/* Answers message `i`; puts the reply at place `n` of the outgoing batch. Returns whether there is one. */
static bool answer_one(struct udp_worker *w, int i, int n)
{
        struct answer_peer *peer = &w->peers[i];
        struct msghdr *in = &w->in[i].msg_hdr;
        struct query q;

        if (source_is_ours(w, in, &peer->address, w->ports[i])) {
                counter_add(w->answer.counters, COUNTER_UDP_SOURCE_REFUSED, 1);
                return false;
        }
        query_parse(w->request[i], w->in[i].msg_len, &q);
        size_t length = answer_within(w, &w->clients[i], peer, w->request[i], w->in[i].msg_len, &q, w->reply[n]);
        if (!length) {
                counter_add(w->answer.counters, COUNTER_UDP_DROPPED, 1);
                return false;
        }
        if (w->wildcard)
                turn_control(in);
        w->out_iov[n] = (struct iovec){w->reply[n], length};
        w->out[n].msg_hdr = (struct msghdr){.msg_name = in->msg_name,
                                            .msg_namelen = in->msg_namelen,
                                            .msg_iov = &w->out_iov[n],
                                            .msg_iovlen = 1,
                                            .msg_control = w->wildcard ? in->msg_control : NULL,
                                            .msg_controllen = w->wildcard ? in->msg_controllen : 0};
        return true;
}

static void send_batch(struct udp_worker *w, int count)
{
        int sent = 0;

        while (sent < count) {
                int n = sendmmsg(w->fd, w->out + sent, (unsigned)(count - sent), 0);
                if (n > 0) {
                        sent += n;
                } else if (errno != EINTR) {
                        /* This one cannot be sent (no route, buffer full): the others may. */
                        counter_add(w->answer.counters, COUNTER_UDP_SEND_ERRORS, 1);
                        sent++;
                }
        }
}

/* Who has asked; what limits look at is on its way from memory meanwhile. */
static void expect_all(struct udp_worker *w, int received)
{
        for (int i = 0; i < received; i++) {
                w->peers[i].transport = TRANSPORT_UDP;
                address_from_sockaddr((struct sockaddr *)&w->from[i], &w->peers[i].address, &w->ports[i]);
                if (w->limits->mode != LIMITS_OFF)
                        limiter_expect(w->limiter, &w->peers[i].address, &w->clients[i]);
        }
}

static void answer_batch(struct udp_worker *w, int received)
{
        const struct serve_settings *settings = serve_settings_current();
        struct timespec now;
        int count = 0;

        clock_gettime(CLOCK_REALTIME_COARSE, &now); /* no system call: vDSO */
        w->answer.now_s = (uint32_t)now.tv_sec;
        w->answer.snapshot = snapshot_current();
        w->answer.settings = &settings->answer;
        w->limits = &settings->limits;
        limiter_at(w->limiter, w->limits, limits_clock());
        w->answer.busy = received == BATCH; /* more came than was asked for at once */
        expect_all(w, received);
        tap_begin(w->answer.tap);
        for (int i = 0; i < received; i++)
                count += answer_one(w, i, count);
        tap_end(w->answer.tap);
        counter_add(w->answer.counters, COUNTER_UDP_QUERIES, (uint64_t)received);
        send_batch(w, count);
}

static void *udp_run(void *context)
{
        struct udp_worker *w = context;
        int used = BATCH;

        if (w->confine)
                confine_worker();
        rcu_join();
        while (!__atomic_load_n(&w->stopping, __ATOMIC_RELAXED)) {
                prepare_receive(w, used);
                rcu_offline();
                int received = recvmmsg(w->fd, w->in, BATCH, MSG_WAITFORONE, NULL);
                rcu_online();
                used = received > 0 ? received : 0;
                if (received > 0)
                        answer_batch(w, received);
        }
        rcu_leave();
        return NULL;
}

bool udp_worker_start(struct udp_worker *w)
{
        w->running = !pthread_create(&w->thread, NULL, udp_run, w);
        return w->running;
}

void udp_worker_stop(struct udp_worker *w)
{
        __atomic_store_n(&w->stopping, true, __ATOMIC_RELAXED);
}

void udp_worker_free(struct udp_worker *w)
{
        if (w->running)
                pthread_join(w->thread, NULL);
        close(w->fd);
        free(w);
}
