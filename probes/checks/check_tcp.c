/* A TCP check: the connection is accepted in time, and the other side says what the monitor's script expects. */
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "base/buffer.h"
#include "base/memory.h"
#include "probes/checks/content.h"
#include "probes/checks/socket_run.h"

struct tcp_check {
        struct socket_run socket;
        uint32_t step;          /* of the script: the one under way */
        uint32_t sent;          /* bytes of it */
        struct buffer received; /* since the last step that expected something was met */
};

static void tcp_release(struct socket_run *socket)
{
        buffer_free(&((struct tcp_check *)socket)->received);
}

static const struct script_step *current_step(const struct tcp_check *run)
{
        const struct monitor_tcp *tcp = &check_of(run->socket.subject)->monitor->tcp;

        return run->step < tcp->script.count ? &tcp->script.items[run->step] : NULL;
}

/* Sends what is left of the step. false: the run is over or waits. */
static bool send_step(struct tcp_check *run, const struct script_step *s)
{
        while (run->sent < s->send.length) {
                ssize_t n = send(run->socket.fd, s->send.data + run->sent, s->send.length - run->sent, MSG_NOSIGNAL);
                if (n > 0) {
                        run->sent += (uint32_t)n;
                        continue;
                }
                return false;
        }
        run->sent = 0;
        return true;
}

static bool met(struct tcp_check *run, const struct script_step *s)
{
        size_t end;

        if (!reply_has(&s->expect, run->received.data, run->received.length, &end))
                return false;
        buffer_drop(&run->received, end); /* the next step looks at what comes behind */
        return true;
}

static void tcp_on_readable(struct socket_run *socket);

static void tcp_go_on(struct socket_run *socket)
{
        struct tcp_check *run = (struct tcp_check *)socket;
        const struct script_step *s;

        for (; (s = current_step(run)); run->step++) {
                if (s->send.data ? send_step(run, s) : met(run, s))
                        continue;
                if (!s->send.data)
                        socket_run_wait(socket, EV_READ, tcp_on_readable);
                else if (errno == EAGAIN || errno == EINTR)
                        socket_run_wait(socket, EV_WRITE, tcp_go_on);
                else
                        socket_run_fail(socket, errno);
                return;
        }
        socket_run_finish(socket, REASON_OK, "");
}

static void tcp_on_readable(struct socket_run *socket)
{
        struct tcp_check *run = (struct tcp_check *)socket;
        const struct script_step *s = current_step(run);
        char detail[80], bytes[4096];
        ssize_t n = recv(socket->fd, bytes, sizeof(bytes), 0);

        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
                socket_run_wait(socket, EV_READ, tcp_on_readable);
        } else if (n < 0) {
                socket_run_fail(socket, errno);
        } else if (n > 0 && run->received.length + (size_t)n <= CONTENT_MAX) {
                buffer_bytes(&run->received, bytes, (size_t)n);
                tcp_go_on(socket);
        } else {
                reply_describe(&s->expect, run->received.data, run->received.length, detail, sizeof(detail));
                socket_run_finish(socket, n || run->received.length ? REASON_BODY : REASON_CLOSED, detail);
        }
}

static void tcp_missed(struct socket_run *socket, char *detail, size_t size)
{
        const struct tcp_check *run = (const struct tcp_check *)socket;
        const struct script_step *s = current_step(run);

        if (s && !s->send.data)
                reply_describe(&s->expect, run->received.data, run->received.length, detail, size);
}

static struct check_run *tcp_check_start(struct checker *checker, const struct check_subject *subject, check_done *done,
                                         void *context, struct check_result *result)
{
        struct tcp_check *run = memory_alloc(sizeof(*run));

        run->socket.type = SOCK_STREAM;
        run->socket.connected = tcp_go_on;
        run->socket.release = tcp_release;
        run->socket.missed = tcp_missed;
        run->received = BUFFER_INIT(CONTENT_MAX);
        return socket_run_start(&run->socket, checker, subject, done, context, result);
}

const struct check_driver check_tcp = {tcp_check_start, socket_run_cancel};
