/* An ICMP check: an echo request is answered (RFC 792, RFC 4443). */
#include <errno.h>
#include <event2/event.h>
#include <string.h>
#include <sys/socket.h>
#include "base/memory.h"
#include "base/random.h"
#include "probes/checks/socket_run.h"

#define ECHO_V4         8
#define ECHO_REPLY_V4   0
#define ECHO_V6         128
#define ECHO_REPLY_V6   129
#define HEADER          8
#define COOKIE          16
#define IP_HEADER_LEAST 20

struct icmp_check {
        struct socket_run socket;
        bool v6;
        uint8_t request[HEADER + COOKIE]; /* the cookie tells our reply from others */
};

static uint16_t checksum(const uint8_t *bytes, size_t length)
{
        uint32_t sum = 0;

        for (size_t i = 0; i + 1 < length; i += 2)
                sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
        while (sum >> 16)
                sum = (sum & 0xffff) + (sum >> 16);
        return (uint16_t)~sum;
}

/* Raw IPv4 sockets give the IP header too. */
static bool is_our_reply(const struct icmp_check *run, const uint8_t *packet, size_t length)
{
        if (run->socket.type == SOCK_RAW && !run->v6) {
                size_t header = length ? (size_t)(packet[0] & 15) * 4 : 0;
                if (header < IP_HEADER_LEAST || header > length)
                        return false;
                packet += header;
                length -= header;
        }
        return length >= sizeof(run->request) && packet[0] == (run->v6 ? ECHO_REPLY_V6 : ECHO_REPLY_V4) &&
               !memcmp(packet + HEADER, run->request + HEADER, COOKIE);
}

static void icmp_on_readable(struct socket_run *socket)
{
        uint8_t packet[2048];
        ssize_t n;

        while ((n = recv(socket->fd, packet, sizeof(packet), 0)) >= 0)
                if (is_our_reply((struct icmp_check *)socket, packet, (size_t)n)) {
                        socket_run_finish(socket, REASON_OK, "");
                        return;
                }
        if (errno == EAGAIN || errno == EINTR)
                socket_run_wait(socket, EV_READ, icmp_on_readable);
        else
                socket_run_fail(socket, errno);
}

static void icmp_ask(struct socket_run *socket)
{
        struct icmp_check *run = (struct icmp_check *)socket;
        struct sockaddr_storage from;
        socklen_t size = sizeof(from);

        run->v6 = !getsockname(socket->fd, (struct sockaddr *)&from, &size) && from.ss_family == AF_INET6;
        run->request[0] = run->v6 ? ECHO_V6 : ECHO_V4;
        random_bytes(run->request + 4, sizeof(run->request) - 4); /* identifier, sequence number, cookie */
        uint16_t sum = run->v6 ? 0 : checksum(run->request, sizeof(run->request)); /* of ICMPv6 the system makes it */
        run->request[2] = (uint8_t)(sum >> 8);
        run->request[3] = (uint8_t)sum;
        if (send(socket->fd, run->request, sizeof(run->request), MSG_NOSIGNAL) < 0)
                socket_run_fail(socket, errno);
        else
                socket_run_wait(socket, EV_READ, icmp_on_readable);
}

static struct check_run *icmp_check_start(struct checker *checker, const struct check_subject *subject,
                                          check_done *done, void *context, struct check_result *result)
{
        struct icmp_check *run = memory_alloc(sizeof(*run));

        run->socket.type = SOCK_DGRAM;
        run->socket.icmp = true;
        run->socket.connected = icmp_ask;
        struct check_run *started = socket_run_start(&run->socket, checker, subject, done, context, result);
        if (!started && !strcmp(result->detail, strerror(EPERM)))
                *result = (struct check_result){
                        .reason = REASON_INTERNAL,
                        .detail = "needs CAP_NET_RAW, or this group in net.ipv4.ping_group_range"};
        return started;
}

const struct check_driver check_icmp = {icmp_check_start, socket_run_cancel};
