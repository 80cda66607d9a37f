/* A TCP check: the connection is accepted in time. A host name is resolved by libevent's resolver. */
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/memory.h"
#include "probes/check_run.h"
#include "probes/resolve.h"

struct check_run {
        struct event_base *base;
        struct event *event; /* connecting, or waiting for the timeout while resolving */
        struct resolving *resolving;
        int fd;
        uint16_t port;
        uint64_t started_us;
        int64_t timeout_ms;
        check_done *done;
        void *context;
};

static void release(struct check_run *run)
{
        resolve_cancel(run->resolving);
        if (run->event)
                event_free(run->event);
        if (run->fd >= 0)
                close(run->fd);
        free(run);
}

static enum reason reason_of(int code)
{
        switch (code) {
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
                return REASON_CLOSED;
        default:
                return REASON_INTERNAL;
        }
}

static void finish(struct check_run *run, enum reason reason, const char *detail)
{
        struct check_result result = {.reason = reason, .rtt_us = (uint32_t)(clock_us() - run->started_us)};
        check_done *done = run->done;
        void *context = run->context;

        snprintf(result.detail, sizeof(result.detail), "%s", detail);
        release(run);
        done(context, &result);
}

static void on_connected(evutil_socket_t fd, short what, void *context)
{
        struct check_run *run = context;
        int code = 0;
        socklen_t size = sizeof(code);

        if (what & EV_TIMEOUT) {
                finish(run, run->resolving ? REASON_RESOLVE : REASON_CONNECT_TIMEOUT, "");
                return;
        }
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size))
                code = errno;
        finish(run, reason_of(code), code ? strerror(code) : "");
}

/* The time that is left of the check, at least a millisecond. */
static struct timeval time_left(const struct check_run *run)
{
        int64_t left = run->timeout_ms - (int64_t)((clock_us() - run->started_us) / 1000);

        if (left < 1)
                left = 1;
        return (struct timeval){left / 1000, left % 1000 * 1000};
}

/* Begins to connect. false with errno. */
static bool connect_to(struct check_run *run, const struct address *address)
{
        const struct linger no_linger = {1, 0}; /* close by RST: no TIME_WAIT of thousands of checks */
        struct sockaddr_storage to;
        socklen_t size = address_to_sockaddr(address, run->port, &to);
        struct timeval left = time_left(run);

        run->fd = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (run->fd < 0)
                return false;
        setsockopt(run->fd, SOL_SOCKET, SO_LINGER, &no_linger, sizeof(no_linger));
        if (connect(run->fd, (struct sockaddr *)&to, size) && errno != EINPROGRESS)
                return false;
        run->event = event_new(run->base, run->fd, EV_WRITE, on_connected, run);
        return run->event && !event_add(run->event, &left);
}

static void on_resolved(void *context, const struct address *address)
{
        struct check_run *run = context;

        run->resolving = NULL;
        event_free(run->event); /* the timeout of resolving */
        run->event = NULL;
        if (!address)
                finish(run, REASON_RESOLVE, "");
        else if (!connect_to(run, address))
                finish(run, reason_of(errno), strerror(errno));
}

static struct check_run *start(struct checker *checker, const struct check *const *check, check_done *done,
                               void *context, struct check_result *result)
{
        const struct check *c = *check;
        struct check_run *run = memory_alloc(sizeof(*run));

        *run = (struct check_run){.base = checker->base,
                                  .fd = -1,
                                  .port = c->port,
                                  .started_us = clock_us(),
                                  .timeout_ms = c->monitor->timeout_ms,
                                  .done = done,
                                  .context = context};
        if (c->host_name) {
                struct timeval left = time_left(run);
                run->event = event_new(run->base, -1, EV_TIMEOUT, on_connected, run);
                event_add(run->event, &left);
                run->resolving = resolve_start(run->base, c->host_name, on_resolved, run);
                if (run->resolving)
                        return run;
                errno = EAGAIN;
        } else if (connect_to(run, &c->address)) {
                return run;
        }
        *result = (struct check_result){.reason = reason_of(errno)};
        snprintf(result->detail, sizeof(result->detail), "%s", strerror(errno));
        release(run);
        return NULL;
}

const struct check_driver check_tcp = {start, release};
