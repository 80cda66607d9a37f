/* Any bytes as a configuration of gdnsd: memory safe, and refused with lines, or a map. What names other files is left
 * out: the harness reads none. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "admin/ctl/moving/vscf.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char path[40];

        if (size && memchr(data, '$', size))
                return 0;
        int fd = memfd_create("config", MFD_CLOEXEC);
        must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        struct arena *a = arena_new(0);
        struct problems problems = PROBLEMS_INIT;
        const struct doc *d = vscf_read(path, a, &problems);
        must(!d == (problems.count != 0));
        must(!d || d->type == DOC_MAP || d->type == DOC_LIST);
        problems_free(&problems);
        arena_free(a);
        close(fd);
        return 0;
}
