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
#include "gslbd/serve/answer_settings.h"
#include "gslbd/serve/signed.h"

#define BATCH       64
#define REQUEST_MAX 4096
#define CONTROL_MAX 64 /* one in6_pktinfo with its header is 40 bytes */

struct udp_worker {
        int fd;
        bool wildcard, running;
        bool stopping; /* atomic */
        pthread_t thread;
        struct answer_context answer;
        struct picker_state picker;
        struct mmsghdr in[BATCH], out[BATCH];
        struct iovec in_iov[BATCH], out_iov[BATCH];
        struct sockaddr_storage from[BATCH];
        _Alignas(16) char control[BATCH][CONTROL_MAX];
        uint8_t request[BATCH][REQUEST_MAX];
        uint8_t reply[BATCH][ANSWER_UDP_MAX];
};

struct udp_worker *udp_worker_new(int fd, bool wildcard)
{
        struct udp_worker *w = memory_alloc(sizeof(*w));

        w->fd = fd;
        w->wildcard = wildcard;
        w->answer.picker = &w->picker;
        w->answer.counters = counters_register();
        random_seed_system(&w->picker.random);
        for (int i = 0; i < BATCH; i++) {
                w->in_iov[i] = (struct iovec){w->request[i], REQUEST_MAX};
                w->in[i].msg_hdr = (struct msghdr){.msg_name = &w->from[i],
                                                   .msg_iov = &w->in_iov[i],
                                                   .msg_iovlen = 1,
                                                   .msg_control = wildcard ? w->control[i] : NULL};
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

/* Answers message `i`; puts the reply at place `n` of the outgoing batch. Returns whether there is one. */
static bool answer_one(struct udp_worker *w, int i, int n)
{
        struct answer_peer peer = {.transport = TRANSPORT_UDP};
        struct msghdr *in = &w->in[i].msg_hdr;

        struct query q;

        address_from_sockaddr((struct sockaddr *)&w->from[i], &peer.address, NULL);
        query_parse(w->request[i], w->in[i].msg_len, &q);
        size_t length =
                signed_answer(&w->answer, &peer, w->request[i], w->in[i].msg_len, &q, w->reply[n], ANSWER_UDP_MAX);
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

static void answer_batch(struct udp_worker *w, int received)
{
        struct timespec now;
        int count = 0;

        clock_gettime(CLOCK_REALTIME_COARSE, &now); /* no system call: vDSO */
        w->answer.now_s = (uint32_t)now.tv_sec;
        w->answer.snapshot = snapshot_current();
        w->answer.settings = answer_settings_current();
        w->answer.busy = received == BATCH; /* more came than was asked for at once */
        for (int i = 0; i < received; i++)
                count += answer_one(w, i, count);
        counter_add(w->answer.counters, COUNTER_UDP_QUERIES, (uint64_t)received);
        send_batch(w, count);
}

static void *udp_run(void *context)
{
        struct udp_worker *w = context;
        int used = BATCH;

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
