/* An agent check: a program beside the endpoint says in one line how it is. */
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include "base/clock.h"
#include "base/memory.h"
#include "probes/checks/agent.h"
#include "probes/checks/socket_run.h"

struct agent_check {
        struct socket_run socket;
        size_t sent, received;
        char line[AGENT_LINE_MAX];
};

static const struct monitor *monitor_of(const struct socket_run *socket)
{
        return check_of(socket->subject)->monitor;
}

/* An agent that is not required and cannot be heard says nothing. */
static void agent_soften(const struct socket_run *socket, struct check_result *result)
{
        if (result->reason != REASON_OK && !result->certain && !monitor_of(socket)->agent.required)
                result->reason = REASON_OK;
}

static void agent_on_readable(struct socket_run *socket)
{
        struct agent_check *run = (struct agent_check *)socket;
        ssize_t n = recv(socket->fd, run->line + run->received, sizeof(run->line) - run->received, 0);

        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
                socket_run_wait(socket, EV_READ, agent_on_readable);
                return;
        }
        if (n < 0) {
                socket_run_fail(socket, errno);
                return;
        }
        run->received += (size_t)n;
        bool whole = !n || run->received == sizeof(run->line) || memchr(run->line, '\n', run->received);
        if (!whole) {
                socket_run_wait(socket, EV_READ, agent_on_readable);
                return;
        }
        struct check_result result;
        if (!agent_read(run->line, run->received, &result))
                result = (struct check_result){.reason = REASON_PROTOCOL, .detail = "no line of an agent"};
        socket_run_result(socket, &result);
}

static void agent_ask(struct socket_run *socket)
{
        struct agent_check *run = (struct agent_check *)socket;
        const char *text = monitor_of(socket)->agent.send;
        size_t length = text ? strlen(text) : 0;
        ssize_t n = run->sent < length ? send(socket->fd, text + run->sent, length - run->sent, MSG_NOSIGNAL) : 0;

        if (n < 0 && errno != EAGAIN && errno != EINTR) {
                socket_run_fail(socket, errno);
                return;
        }
        run->sent += n > 0 ? (size_t)n : 0;
        if (run->sent < length)
                socket_run_wait(socket, EV_WRITE, agent_ask);
        else
                socket_run_wait(socket, EV_READ, agent_on_readable);
}

static struct check_run *agent_check_start(struct checker *checker, const struct check_subject *subject,
                                           check_done *done, void *context, struct check_result *result)
{
        struct agent_check *run = memory_alloc(sizeof(*run));

        run->socket.type = SOCK_STREAM;
        run->socket.connected = agent_ask;
        run->socket.judge = agent_soften;
        struct check_run *started = socket_run_start(&run->socket, checker, subject, done, context, result);
        if (!started && !check_of(subject)->monitor->agent.required)
                result->reason = REASON_OK;
        return started;
}

const struct check_driver check_agent = {agent_check_start, socket_run_cancel};
