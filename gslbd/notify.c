#include "gslbd/notify.h"

#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

unsigned notify_watchdog_ms(void)
{
        const char *interval = getenv("WATCHDOG_USEC"), *who = getenv("WATCHDOG_PID");
        char *end;

        if (!interval || (who && strtol(who, NULL, 10) != getpid()))
                return 0;
        unsigned long long us = strtoull(interval, &end, 10);
        return end == interval || *end || us < 2000 || us / 2000 > UINT_MAX ? 0 : (unsigned)(us / 2000);
}

void notify_manager(const char *state)
{
        const char *path = getenv("NOTIFY_SOCKET");
        struct sockaddr_un to = {.sun_family = AF_UNIX};
        size_t length = path ? strlen(path) : 0;

        if (length < 2 || length >= sizeof(to.sun_path))
                return;
        memcpy(to.sun_path, path, length);
        if (to.sun_path[0] == '@')
                to.sun_path[0] = '\0'; /* abstract socket */
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return;
        /* Nobody to tell when nobody listens. */
        (void)!sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&to,
                      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
        close(fd);
}
