#include "tests/unit/name_server.h"

#include <arpa/inet.h>
#include <check.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/buffer.h"
#include "base/memory.h"

#define HEADER    12
#define TYPE_A    1
#define TYPE_AAAA 28

struct question {
        const uint8_t *bytes;
        size_t end; /* of the question */
        char label[64];
        uint16_t type;
        bool edns;
};

static bool read_question(const uint8_t *bytes, size_t length, struct question *q)
{
        size_t at = HEADER;

        if (length < HEADER + 6)
                return false;
        *q = (struct question){.bytes = bytes, .edns = bytes[11] == 1};
        memcpy(q->label, bytes + at + 1, bytes[at] < 64 ? bytes[at] : 0);
        while (at < length && bytes[at])
                at += bytes[at] + 1u;
        if (at + 5 > length)
                return false;
        q->type = (uint16_t)(bytes[at + 1] << 8 | bytes[at + 2]);
        q->end = at + 5;
        return true;
}

/* --- what it says --- */

static void put_record(struct buffer *b, uint16_t owner, uint16_t type, uint32_t ttl, const void *data, uint16_t length)
{
        const uint16_t head[] = {htons(0xc000 | owner), htons(type), htons(1)}, size = htons(length);

        ttl = htonl(ttl);
        buffer_bytes(b, (const char *)head, sizeof(head));
        buffer_bytes(b, (const char *)&ttl, sizeof(ttl));
        buffer_bytes(b, (const char *)&size, sizeof(size));
        buffer_bytes(b, data, length);
        b->data[7]++;
}

static void put_address(struct buffer *b, const struct question *q, const char *text, uint32_t ttl)
{
        uint8_t bytes[16];
        bool v6 = strchr(text, ':');

        if ((q->type == TYPE_AAAA) != v6)
                return;
        ck_assert_int_eq(inet_pton(v6 ? AF_INET6 : AF_INET, text, bytes), 1);
        put_record(b, HEADER, q->type, ttl, bytes, v6 ? 16 : 4);
}

static void put_alias(struct buffer *b, const struct question *q)
{
        static const uint8_t real[] = "\4real\xc0", four[4] = {192, 0, 2, 3};
        uint8_t data[7];
        uint16_t behind = (uint16_t)(HEADER + 1 + strlen(q->label));

        memcpy(data, real, 6);
        data[6] = (uint8_t)behind;
        uint16_t target = (uint16_t)(b->length + HEADER);
        put_record(b, HEADER, 5, 7, data, sizeof(data));
        if (q->type == TYPE_A)
                put_record(b, target, TYPE_A, 300, four, sizeof(four));
}

static void put_many(struct buffer *b, const struct question *q, bool tcp)
{
        char text[20];

        if (!tcp)
                b->data[2] |= 2;
        for (int i = 1; tcp && i <= 30; i++) {
                snprintf(text, sizeof(text), "192.0.2.%d", i);
                put_address(b, q, text, 5);
        }
}

/* false: nothing. */
static bool reply_to(const struct question *q, bool tcp, struct buffer *b)
{
        buffer_bytes(b, (const char *)q->bytes, q->end);
        b->data[2] = (char)0x81;
        b->data[3] = (char)0x80;
        memset(b->data + 6, 0, 6);
        if (!strcmp(q->label, "two")) {
                put_address(b, q, "192.0.2.1", 300);
                put_address(b, q, "192.0.2.2", 300);
                put_address(b, q, "2001:db8::1", 60);
        } else if (!strcmp(q->label, "here")) {
                put_address(b, q, "127.0.0.1", 300);
                put_address(b, q, "::1", 300);
        } else if (!strcmp(q->label, "alias")) {
                put_alias(b, q);
        } else if (!strcmp(q->label, "many")) {
                put_many(b, q, tcp);
        } else if (!strcmp(q->label, "half")) {
                put_address(b, q, "192.0.2.4", 300);
                return q->type == TYPE_A;
        } else if (!strcmp(q->label, "gone")) {
                b->data[3] |= 3;
        }
        return strncmp(q->label, "dead", 4) != 0;
}

/* --- its sockets --- */

static void on_datagram(evutil_socket_t fd, short what, void *context)
{
        struct name_server *s = context;
        struct sockaddr_in from;
        socklen_t size = sizeof(from);
        uint8_t bytes[512];
        ssize_t n = recvfrom(fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &size);
        struct buffer b = BUFFER_INIT(4096);
        struct question q;

        if (n < 0 || !read_question(bytes, (size_t)n, &q))
                return;
        if (s->over_udp < NAME_SERVER_SEEN) {
                s->seen[s->over_udp].id = (uint16_t)(bytes[0] << 8 | bytes[1]);
                s->seen[s->over_udp].port = ntohs(from.sin_port);
        }
        s->over_udp++;
        s->with_edns += q.edns;
        if (!s->silent && reply_to(&q, false, &b))
                sendto(fd, b.data, b.length, 0, (struct sockaddr *)&from, size);
        buffer_free(&b);
}

static void on_stream(struct bufferevent *stream, void *context)
{
        struct name_server *s = context;
        struct evbuffer *in = bufferevent_get_input(stream);
        const uint8_t *bytes = evbuffer_pullup(in, -1);
        size_t length = evbuffer_get_length(in);
        struct buffer b = BUFFER_INIT(4096);
        struct question q;

        if (length < 2 || length < 2u + (bytes[0] << 8 | bytes[1]) || !read_question(bytes + 2, length - 2, &q))
                return;
        s->over_tcp++;
        if (!s->silent && reply_to(&q, true, &b)) {
                const uint16_t size = htons((uint16_t)b.length);
                bufferevent_write(stream, &size, sizeof(size));
                bufferevent_write(stream, b.data, b.length);
        }
        buffer_free(&b);
        evbuffer_drain(in, length);
}

static void forget_stream(struct name_server *s, const struct bufferevent *stream)
{
        for (unsigned i = 0; i < NAME_SERVER_STREAMS; i++)
                if (s->streams[i] == stream)
                        s->streams[i] = NULL;
}

static void on_stream_over(struct bufferevent *stream, short what, void *context)
{
        forget_stream(context, stream);
        bufferevent_free(stream);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from, int size,
                      void *context)
{
        struct name_server *s = context;
        struct bufferevent *stream = bufferevent_socket_new(s->base, fd, BEV_OPT_CLOSE_ON_FREE);

        unsigned place = 0;
        while (s->streams[place])
                ck_assert_uint_lt(++place, NAME_SERVER_STREAMS);
        s->streams[place] = stream;
        bufferevent_setcb(stream, on_stream, NULL, on_stream_over, s);
        bufferevent_enable(stream, EV_READ | EV_WRITE);
}

/* A port that is free for both. */
static void listen_on_both(struct name_server *s)
{
        int room = 1 << 20;

        for (s->udp = -1; s->udp < 0;) {
                struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
                socklen_t size = sizeof(at);
                s->listener = evconnlistener_new_bind(s->base, on_accept, s, LEV_OPT_CLOSE_ON_FREE, -1,
                                                      (struct sockaddr *)&at, sizeof(at));
                ck_assert_ptr_nonnull(s->listener);
                ck_assert_int_eq(getsockname(evconnlistener_get_fd(s->listener), (struct sockaddr *)&at, &size), 0);
                snprintf(s->address, sizeof(s->address), "127.0.0.1:%u", ntohs(at.sin_port));
                s->udp = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
                setsockopt(s->udp, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
                if (!bind(s->udp, (struct sockaddr *)&at, sizeof(at)))
                        return;
                evconnlistener_free(s->listener);
                close(s->udp);
                s->udp = -1;
        }
}

struct name_server *name_server_start(struct event_base *base)
{
        struct name_server *s = memory_alloc(sizeof(*s));

        s->base = base;
        listen_on_both(s);
        s->readable = event_new(base, s->udp, EV_READ | EV_PERSIST, on_datagram, s);
        event_add(s->readable, NULL);
        return s;
}

void name_server_stop(struct name_server *s)
{
        for (unsigned i = 0; i < NAME_SERVER_STREAMS; i++)
                if (s->streams[i])
                        bufferevent_free(s->streams[i]);
        event_free(s->readable);
        evconnlistener_free(s->listener);
        close(s->udp);
        free(s);
}
