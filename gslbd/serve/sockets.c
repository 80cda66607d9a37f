#include "gslbd/serve/sockets.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include "gslbd/serve/port_holder.h"

#define UDP_BUFFER_BYTES (4 << 20)
#define TCP_BACKLOG      1024
#define TCP_FASTOPEN_MAX 256
#define HOLDER_MAX       100

bool address_is_wildcard(const struct address *a)
{
        static const uint8_t zero[16];
        return !memcmp(a->bytes, zero, sizeof(zero));
}

static bool socket_set(int fd, int level, int option, int value)
{
        return setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

static int socket_fail(int fd, int type, const struct address *a, uint16_t port, char *error, size_t error_size)
{
        char text[ADDRESS_PORT_TEXT_MAX], holder[HOLDER_MAX], why[HOLDER_MAX + 40] = "";
        int reason = errno;

        if (reason == EADDRINUSE && port_holder(a, port, type, holder, sizeof(holder)))
                snprintf(why, sizeof(why), "; %s, has this port", holder);
        else if (reason == EADDRINUSE)
                snprintf(why, sizeof(why), "; another program has this port: see `ss -lntup`");
        else if (reason == EACCES)
                snprintf(why, sizeof(why), "; ports below 1024 need root or CAP_NET_BIND_SERVICE");
        snprintf(error, error_size, "cannot listen on %s (%s): %s%s", address_port_format(a, port, text),
                 type == SOCK_DGRAM ? "UDP" : "TCP", strerror(reason), why);
        if (fd >= 0)
                close(fd);
        return -1;
}

/* Whether others may bind the same: our workers share address and port by SO_REUSEPORT. */
enum sharing { SHARED, ALONE };

/* TCP connections that ended a while ago hold the port unless SO_REUSEADDR is set; for UDP that would let others take
 * our queries. */
static int open_bound(const struct address *a, uint16_t port, int type, enum sharing sharing, char *error,
                      size_t error_size)
{
        struct sockaddr_storage to;
        socklen_t size = address_to_sockaddr(a, port, &to);
        bool v6 = a->family == ADDRESS_V6, tcp = type == SOCK_STREAM;
        int fd = socket(v6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC | (tcp ? SOCK_NONBLOCK : 0), 0);

        if (fd < 0 || (tcp && !socket_set(fd, SOL_SOCKET, SO_REUSEADDR, 1)) ||
            (sharing == SHARED && !socket_set(fd, SOL_SOCKET, SO_REUSEPORT, 1)) ||
            (v6 && !socket_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)) || bind(fd, (struct sockaddr *)&to, size))
                return socket_fail(fd, type, a, port, error, error_size);
        return fd;
}

static bool is_free(const struct address *a, uint16_t port, int type, char *error, size_t error_size)
{
        int fd = open_bound(a, port, type, ALONE, error, error_size);

        if (fd >= 0)
                close(fd);
        return fd >= 0;
}

bool socket_udp_free(const struct address *a, uint16_t port, char *error, size_t error_size)
{
        return is_free(a, port, SOCK_DGRAM, error, error_size);
}

bool socket_tcp_free(const struct address *a, uint16_t port, char *error, size_t error_size)
{
        return is_free(a, port, SOCK_STREAM, error, error_size);
}

int socket_udp(const struct address *a, uint16_t port, char *error, size_t error_size)
{
        const struct timeval wake = {SOCKET_WAKE_MS / 1000, SOCKET_WAKE_MS % 1000 * 1000};
        int fd = open_bound(a, port, SOCK_DGRAM, SHARED, error, error_size);

        if (fd < 0)
                return -1;
        bool v6 = a->family == ADDRESS_V6;
        /* Larger buffers help through bursts; the kernel may give less. Forged path MTU must not shrink or fragment
         * replies (they are at most 1232 bytes anyway). */
        socket_set(fd, SOL_SOCKET, SO_RCVBUF, UDP_BUFFER_BYTES);
        socket_set(fd, SOL_SOCKET, SO_SNDBUF, UDP_BUFFER_BYTES);
        if (v6)
                socket_set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT);
        else
                socket_set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
        if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wake, sizeof(wake)) ||
            (address_is_wildcard(a) &&
             !(v6 ? socket_set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) : socket_set(fd, IPPROTO_IP, IP_PKTINFO, 1))))
                return socket_fail(fd, SOCK_DGRAM, a, port, error, error_size);
        return fd;
}

int socket_tcp(const struct address *a, uint16_t port, char *error, size_t error_size)
{
        int fd = open_bound(a, port, SOCK_STREAM, SHARED, error, error_size);

        if (fd < 0)
                return -1;
        socket_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
        socket_set(fd, IPPROTO_TCP, TCP_FASTOPEN, TCP_FASTOPEN_MAX); /* RFC 7413; the kernel may have it switched off */
        if (listen(fd, TCP_BACKLOG))
                return socket_fail(fd, SOCK_STREAM, a, port, error, error_size);
        return fd;
}

uint16_t socket_port(int fd)
{
        struct sockaddr_storage at;
        socklen_t size = sizeof(at);
        struct address address;
        uint16_t port = 0;

        if (!getsockname(fd, (struct sockaddr *)&at, &size))
                address_from_sockaddr((struct sockaddr *)&at, &address, &port);
        return port;
}
