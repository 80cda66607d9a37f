#include "probes/checks/socket_run.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/memory.h"

enum reason reason_of_errno(int error)
{
        switch (error) {
        case 0:
                return REASON_OK;
        case ECONNREFUSED:
                return REASON_CONNECT_REFUSED;
        case ETIMEDOUT:
                return REASON_CONNECT_TIMEOUT;
        case ENETUNREACH:
        case EHOSTUNREACH:
        case EACCES:
        case EPERM:
                return REASON_UNREACHABLE;
        case ECONNRESET:
        case EPIPE:
                return REASON_CLOSED;
        default:
                return REASON_INTERNAL;
        }
}

static void socket_run_release(struct socket_run *run)
{
        if (run->release)
                run->release(run);
        resolver_cancel(run->lookup);
        if (run->event)
                event_free(run->event);
        if (run->fd >= 0)
                close(run->fd);
        free(run);
}

void socket_run_cancel(struct check_run *run)
{
        socket_run_release((struct socket_run *)run);
}

void socket_run_result(struct socket_run *run, struct check_result *result)
{
        check_done *done = run->done;
        void *context = run->context;

        result->rtt_us = (uint32_t)(clock_us() - run->started_us);
        if (run->judge)
                run->judge(run, result);
        socket_run_release(run);
        done(context, result);
}

void socket_run_finish(struct socket_run *run, enum reason reason, const char *detail)
{
        struct check_result result = {.reason = reason};

        snprintf(result.detail, sizeof(result.detail), "%s", detail);
        socket_run_result(run, &result);
}

void socket_run_fail(struct socket_run *run, int error)
{
        socket_run_finish(run, reason_of_errno(error), strerror(error));
}

/* The time that is left of the check, at least a millisecond. */
static struct timeval time_left(const struct socket_run *run)
{
        int64_t left = check_of(run->subject)->monitor->timeout_ms - (int64_t)((clock_us() - run->started_us) / 1000);

        if (left < 1)
                left = 1;
        return (struct timeval){left / 1000, left % 1000 * 1000};
}

static void time_is_up(struct socket_run *run)
{
        char detail[80] = "";

        if (!run->lookup && !run->waiting && run->missed)
                run->missed(run, detail, sizeof(detail));
        socket_run_finish(run,
                          run->lookup    ? REASON_RESOLVE
                          : run->waiting ? REASON_CONNECT_TIMEOUT
                                         : REASON_TIMEOUT,
                          detail);
}

static void socket_on_event(evutil_socket_t fd, short what, void *context)
{
        struct socket_run *run = context;

        if (what & EV_TIMEOUT)
                time_is_up(run);
        else
                run->ready(run);
}

static bool wait_for(struct socket_run *run, short what, socket_ready *ready)
{
        const struct timeval left = time_left(run);

        if (run->event)
                event_free(run->event);
        run->ready = ready;
        run->event = event_new(run->checker->base, what ? run->fd : -1, what ? what : EV_TIMEOUT, socket_on_event, run);
        return run->event && !event_add(run->event, &left);
}

void socket_run_wait(struct socket_run *run, short what, socket_ready *ready)
{
        if (!wait_for(run, what, ready))
                socket_run_fail(run, ENOMEM);
}

static void connect_next(struct socket_run *run, int error);

static void on_connected(struct socket_run *run)
{
        int error = 0;
        socklen_t size = sizeof(error);

        if (getsockopt(run->fd, SOL_SOCKET, SO_ERROR, &error, &size))
                error = errno;
        run->waiting = false;
        if (error)
                connect_next(run, error);
        else
                run->connected(run);
}

/* Sockets for echo requests are for those whom net.ipv4.ping_group_range names, raw ones for who has CAP_NET_RAW. */
static int open_socket(struct socket_run *run, int family)
{
        int protocol = !run->icmp ? 0 : family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
        int fd = socket(family, run->type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

        if (fd >= 0 || !run->icmp || (errno != EACCES && errno != EPERM))
                return fd;
        run->type = SOCK_RAW;
        return socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

/* false with errno. */
static bool connect_to(struct socket_run *run, const struct address *address)
{
        const struct linger no_linger = {1, 0}; /* close by RST: no TIME_WAIT of thousands of checks */
        struct sockaddr_storage to;
        socklen_t size = address_to_sockaddr(address, run->icmp ? 0 : check_of(run->subject)->port, &to);

        run->fd = open_socket(run, to.ss_family);
        if (run->fd < 0)
                return false;
        if (run->type == SOCK_STREAM)
                setsockopt(run->fd, SOL_SOCKET, SO_LINGER, &no_linger, sizeof(no_linger));
        if (connect(run->fd, (struct sockaddr *)&to, size) && errno != EINPROGRESS)
                return false;
        run->waiting = true;
        return wait_for(run, EV_WRITE, on_connected);
}

/* The next address of a host name: not every host has both families. `error`: what came of the one before. */
static void connect_next(struct socket_run *run, int error)
{
        while (run->other < run->other_count) {
                if (run->event)
                        event_free(run->event);
                run->event = NULL;
                if (run->fd >= 0)
                        close(run->fd);
                run->fd = -1;
                if (connect_to(run, &run->others[run->other++]))
                        return;
                error = errno;
        }
        socket_run_fail(run, error);
}

static void socket_on_resolved(void *context, const struct resolved *resolved)
{
        struct socket_run *run = context;

        run->lookup = NULL;
        run->other_count = resolved_list(resolved, run->others);
        if (run->other_count)
                connect_next(run, 0);
        else
                socket_run_finish(run, REASON_RESOLVE, "");
}

/* false with errno. */
static bool socket_begin(struct socket_run *run)
{
        const struct check *c = check_of(run->subject);

        if (!c->host_name)
                return connect_to(run, &c->address);
        run->lookup = resolver_ask(run->checker->resolver, c->host_name, socket_on_resolved, run);
        return wait_for(run, 0, NULL);
}

struct check_run *socket_run_start(struct socket_run *run, struct checker *checker, const struct check_subject *subject,
                                   check_done *done, void *context, struct check_result *result)
{
        run->checker = checker;
        run->subject = subject;
        run->fd = -1;
        run->started_us = clock_us();
        run->done = done;
        run->context = context;
        if (socket_begin(run))
                return (struct check_run *)run;
        *result = (struct check_result){.reason = reason_of_errno(errno)};
        snprintf(result->detail, sizeof(result->detail), "%s", strerror(errno));
        socket_run_release(run);
        return NULL;
}
