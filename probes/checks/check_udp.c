/* A UDP check: what the monitor says is sent, and a reply as it says comes back. A port that nobody listens on is
 * refused (ICMP); silence is a timeout. */
#include <errno.h>
#include <event2/event.h>
#include <sys/socket.h>
#include "base/memory.h"
#include "probes/checks/content.h"
#include "probes/checks/socket_run.h"

struct udp_check {
        struct socket_run socket;
};

static void udp_on_readable(struct socket_run *socket)
{
        const struct reply_expected *expected = &check_of(socket->subject)->monitor->udp.expect;
        char detail[80], reply[CONTENT_MAX];
        size_t end;
        ssize_t n = recv(socket->fd, reply, sizeof(reply), 0);

        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
                socket_run_wait(socket, EV_READ, udp_on_readable);
        } else if (n < 0) {
                socket_run_fail(socket, errno);
        } else if (reply_has(expected, reply, (size_t)n, &end)) {
                socket_run_finish(socket, REASON_OK, "");
        } else {
                reply_describe(expected, reply, (size_t)n, detail, sizeof(detail));
                socket_run_finish(socket, REASON_BODY, detail);
        }
}

static void udp_ask(struct socket_run *socket)
{
        const struct bytes *b = &check_of(socket->subject)->monitor->udp.send;

        if (send(socket->fd, b->data, b->length, MSG_NOSIGNAL) < 0)
                socket_run_fail(socket, errno);
        else
                socket_run_wait(socket, EV_READ, udp_on_readable);
}

static struct check_run *udp_check_start(struct checker *checker, const struct check_subject *subject, check_done *done,
                                         void *context, struct check_result *result)
{
        struct udp_check *run = memory_alloc(sizeof(*run));

        run->socket.type = SOCK_DGRAM;
        run->socket.connected = udp_ask;
        return socket_run_start(&run->socket, checker, subject, done, context, result);
}

const struct check_driver check_udp = {udp_check_start, socket_run_cancel};
