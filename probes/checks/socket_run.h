/* probes/checks/socket_run.h: what checks over a socket of their own share: a host name is resolved, a socket is
 * connected, one time limit holds for the whole check. What a type has of its own (struct tcp_check) begins with a
 * struct socket_run.
 *
 * All on the thread of the engine's event base. */
#ifndef PROBES_CHECKS_SOCKET_RUN_H
#define PROBES_CHECKS_SOCKET_RUN_H

#include "base/resolver.h"
#include "probes/checks/check_run.h"

struct socket_run;
typedef void socket_ready(struct socket_run *);

struct socket_run {
        struct checker *checker;
        const struct check_subject *subject;
        int type;  /* SOCK_STREAM, SOCK_DGRAM */
        bool icmp; /* an ICMP or ICMPv6 socket of the system's own kind, else a raw one (`type` says which it became) */
        int fd;    /* connected, non-blocking; -1 before */
        uint64_t started_us;
        socket_ready *connected; /* goes on from there */
        socket_ready *release;   /* frees what the type has of its own, not the run; or NULL */
        void (*missed)(struct socket_run *, char *detail,
                       size_t size); /* what was waited for when time was up; or NULL */
        void (*judge)(const struct socket_run *, struct check_result *); /* has the last word on each result; or NULL */
        check_done *done;
        void *context;
        /* its own */
        struct event *event;
        struct lookup *lookup; /* of the host name, or NULL */
        struct address
                others[2 * RESOLVER_ADDRESSES_MAX]; /* of the host name, tried in turn: a connection may be refused */
        size_t other_count, other;                  /* `other`: the next one */
        socket_ready *ready;
        bool waiting; /* for the connection */
};

/* Begins: `run` (zeroed, with `type`, `connected` and `release` set) is the type's, from memory_alloc. NULL with
 * *result when it cannot even begin; the run is freed then. */
struct check_run *socket_run_start(struct socket_run *run, struct checker *, const struct check_subject *, check_done *,
                                   void *context, struct check_result *result);
/* Calls `ready` when the socket is (EV_READ, EV_WRITE), unless the check's time is over first; 0: waits for that alone.
 */
void socket_run_wait(struct socket_run *, short what, socket_ready *ready);
enum reason reason_of_errno(int error); /* of a connection */
/* Ends the run with a result and frees it. */
void socket_run_finish(struct socket_run *, enum reason, const char *detail);
void socket_run_result(struct socket_run *, struct check_result *); /* likewise; sets the round trip */
void socket_run_fail(struct socket_run *, int error);               /* likewise, with an errno */
void socket_run_cancel(struct check_run *);

#endif
