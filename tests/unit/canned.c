#include "tests/unit/canned.h"

#include <check.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/memory.h"

#define PATIENCE_MS 5000

static bool readable(struct canned *c, int fd)
{
        struct pollfd p = {.fd = fd, .events = POLLIN};

        for (int waited = 0; waited < PATIENCE_MS && !c->stopping; waited += 10)
                if (poll(&p, 1, 10) > 0)
                        return true;
        return false;
}

static void serve(struct canned *c, int fd)
{
        size_t length = 0;
        char rest[512];

        c->served++;
        while (c->until && length + 1 < sizeof(c->request) && readable(c, fd)) {
                pthread_mutex_lock(&c->lock);
                ssize_t n = recv(fd, c->request + length, sizeof(c->request) - 1 - length, MSG_DONTWAIT);
                length += n > 0 ? (size_t)n : 0;
                c->request[length] = '\0';
                pthread_mutex_unlock(&c->lock);
                if (n <= 0 || strstr(c->request, c->until))
                        break;
        }
        for (size_t sent = 0; sent < c->reply_length;) {
                ssize_t n = send(fd, c->reply + sent, c->reply_length - sent, MSG_NOSIGNAL);
                if (n <= 0)
                        break;
                sent += (size_t)n;
        }
        if (!c->hold)
                shutdown(fd, SHUT_WR);
        while (readable(c, fd) && recv(fd, rest, sizeof(rest), 0) > 0)
                ;
        close(fd);
}

static void *run(void *context)
{
        struct canned *c = context;

        while (!c->stopping) {
                struct pollfd p = {.fd = c->fd, .events = POLLIN};
                int fd = poll(&p, 1, 10) > 0 ? accept(c->fd, NULL, NULL) : -1;
                if (fd >= 0)
                        serve(c, fd);
        }
        return NULL;
}

bool canned_was_asked(struct canned *c, const char *text)
{
        pthread_mutex_lock(&c->lock);
        bool found = strstr(c->request, text);
        pthread_mutex_unlock(&c->lock);
        return found;
}

struct canned *canned_start(const char *until, const char *reply, size_t reply_length, bool hold)
{
        struct canned *c = memory_alloc(sizeof(*c));
        struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t size = sizeof(at);

        pthread_mutex_init(&c->lock, NULL);
        c->until = until;
        c->reply = reply;
        c->reply_length = reply_length;
        c->hold = hold;
        c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        ck_assert(!bind(c->fd, (struct sockaddr *)&at, size) && !listen(c->fd, 64) &&
                  !getsockname(c->fd, (struct sockaddr *)&at, &size));
        c->port = ntohs(at.sin_port);
        ck_assert(!pthread_create(&c->thread, NULL, run, c));
        return c;
}

void canned_stop(struct canned *c)
{
        c->stopping = true;
        pthread_join(c->thread, NULL);
        close(c->fd);
        pthread_mutex_destroy(&c->lock);
        free(c);
}
