#include "tests/unit/scratch.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include "tests/unit/must.h"

void scratch_make(char path[SCRATCH_PATH], const char *name)
{
        int n = snprintf(path, SCRATCH_PATH, "/tmp/gslbd-%s.XXXXXX", name);

        must(n < SCRATCH_PATH && mkdtemp(path), "cannot make %s", path);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at)
{
        return remove(path);
}

void scratch_remove(const char *path)
{
        must(nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT, "cannot remove %s", path);
}

struct store *scratch_store(const char *path, bool read_only)
{
        char error[STORE_ERROR_MAX];
        struct store *store = store_open(path, read_only, error, sizeof(error));

        must(store != NULL, "%s", error);
        return store;
}
