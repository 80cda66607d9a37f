/* Backup into a file and restore from one. */
#include "zones/store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "admin/ctl/ctl.h"

static bool write_all(int fd, const struct buffer *text)
{
        for (size_t at = 0; at < text->length;) {
                ssize_t n = write(fd, text->data + at, text->length - at);
                if (n < 0 && errno != EINTR)
                        return false;
                at += n > 0 ? (size_t)n : 0;
        }
        return true;
}

/* A file that is there is replaced when the new one is whole; others may not read it: it holds hashes of secrets. */
static bool backup_write_file(struct ctl *c, const char *path, const struct buffer *text)
{
        if (!strcmp(path, "-"))
                return write_all(STDOUT_FILENO, text);
        const char *new = arena_printf(c->arena, "%s.new", path);
        unlink(new);
        int fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        bool good = fd >= 0 && write_all(fd, text) && !fsync(fd);
        if (fd >= 0)
                good &= !close(fd);
        good = good && !rename(new, path);
        if (!good) {
                fprintf(stderr, "gslbctl: cannot write %s: %s\n", path, strerror(errno));
                unlink(new);
        }
        return good;
}

/* A backup of a store that is not as it was written is better than none. */
static void warn_of_digest(struct ctl *c, const char *text, size_t length)
{
        struct backup backup;
        char error[300];

        if (backup_read(text, length, c->arena, &backup, error, sizeof(error)) &&
            !backup_digest_check(&backup, error, sizeof(error)))
                fprintf(stderr, "gslbctl: warning: %s\n", error);
}

int ctl_backup(struct ctl *c)
{
        struct buffer text = BUFFER_INIT(0);
        struct ctl_reply reply;
        char error[200];
        int status = ctl_send(c, "GET", "backup", &(struct ctl_body){.reply = &text}, &reply);

        if (status == CTL_REFUSED)
                ctl_print_problem(&reply);
        if (!status && !backup_check(text.data ? text.data : "", text.length, error, sizeof(error))) {
                fprintf(stderr, "gslbctl: what came is no good: %s\n", error);
                status = CTL_UNREACHABLE;
        }
        if (!status)
                warn_of_digest(c, text.data, text.length);
        if (!status && !backup_write_file(c, c->argv[0], &text))
                status = CTL_REFUSED;
        if (!status && strcmp(c->argv[0], "-"))
                printf("%s: %zu bytes, whole\n", c->argv[0], text.length);
        buffer_free(&text);
        return status;
}

int ctl_restore(struct ctl *c)
{
        struct ctl_body body = {.content_type = "text/plain"};

        body.text = ctl_read_file(c, c->argv[0], &body.length);
        if (!body.text)
                return CTL_USAGE;
        warn_of_digest(c, body.text, body.length); /* what is no backup at all the server refuses */
        return ctl_change_asking(c, "POST", "restore", &body);
}
