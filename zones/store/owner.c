#include "zones/store/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A lock of the open file, not of the process: it survives other opens of the file and can be handed over with its
 * descriptor. */
static bool lock(int fd, short type)
{
        struct flock whole = {.l_type = type, .l_whence = SEEK_SET};
        int code;

        do
                code = fcntl(fd, F_OFD_SETLK, &whole);
        while (code < 0 && errno == EINTR);
        return code == 0;
}

static int open_owner(const char *directory, int flags)
{
        char path[PATH_MAX];

        if (snprintf(path, sizeof(path), "%s/" OWNER_FILE, directory) >= (int)sizeof(path)) {
                errno = ENAMETOOLONG;
                return -1;
        }
        return open(path, flags | O_CLOEXEC, 0600);
}

static void name_holder(int fd, const char *directory, char *out, size_t size)
{
        char pid[24] = "";
        ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);

        pid[n > 0 ? strspn(pid, "0123456789") : 0] = '\0';
        snprintf(out, size, "the store in %s belongs to a gslbd that runs (process %s)", directory,
                 pid[0] ? pid : "not known");
}

/* For people: a disk without room for it does not stop the start. */
static void write_holder(int fd)
{
        char pid[24];
        int length = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());

        if (ftruncate(fd, 0) || pwrite(fd, pid, (size_t)length, 0) < 0)
                return;
}

int owner_take(const char *directory, char *error, size_t error_size)
{
        int fd = open_owner(directory, O_RDWR | O_CREAT);

        if (fd < 0) {
                snprintf(error, error_size, "cannot open %s/" OWNER_FILE ": %s%s", directory, strerror(errno),
                         errno == EACCES ? "; check who owns the directory" : "");
                return -1;
        }
        if (lock(fd, F_WRLCK)) {
                write_holder(fd);
                return fd;
        }
        if (errno == EAGAIN || errno == EACCES)
                name_holder(fd, directory, error, error_size);
        else
                snprintf(error, error_size, "cannot lock %s/" OWNER_FILE ": %s", directory, strerror(errno));
        close(fd);
        return -1;
}

bool owner_taken(const char *directory, char *who, size_t who_size)
{
        struct flock whole = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
        int fd = open_owner(directory, O_RDONLY);
        bool taken = fd >= 0 && !fcntl(fd, F_OFD_GETLK, &whole) && whole.l_type != F_UNLCK;

        if (taken)
                name_holder(fd, directory, who, who_size);
        if (fd >= 0)
                close(fd);
        return taken;
}
