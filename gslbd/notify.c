#include "gslbd/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

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
