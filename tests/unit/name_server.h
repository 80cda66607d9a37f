/* tests/unit/name_server.h: a name server on a free loopback port, on the test's own event base, over UDP and TCP. What
 * it says hangs on the first label:
 *
 *   two    A 192.0.2.1, 192.0.2.2 with TTL 300 and AAAA 2001:db8::1 with TTL 60
 *   alias  a CNAME with TTL 7 to "real", which has A 192.0.2.3 with TTL 300
 *   many   30 addresses A, which UDP truncates
 *   here   A 127.0.0.1, AAAA ::1
 *   half   A 192.0.2.4 with TTL 300, and silence for AAAA
 *   dead   silence
 *   gone   NXDOMAIN
 *   none   no data */
#ifndef TESTS_UNIT_NAME_SERVER_H
#define TESTS_UNIT_NAME_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#define NAME_SERVER_SEEN    1000
#define NAME_SERVER_STREAMS 16

struct bufferevent;
struct event;
struct event_base;
struct evconnlistener;

struct name_server {
        struct event_base *base;
        char address[30]; /* "127.0.0.1:port" */
        int udp;
        struct event *readable;
        struct evconnlistener *listener;
        struct bufferevent *streams[NAME_SERVER_STREAMS]; /* open */
        unsigned over_udp, over_tcp;                      /* questions */
        unsigned with_edns;
        bool silent; /* to all */
        struct {
                uint16_t id, port;
        } seen[NAME_SERVER_SEEN]; /* the first ones over UDP */
};

struct name_server *name_server_start(struct event_base *);
void name_server_stop(struct name_server *);

#endif
