#include "zones/store/pages.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* LMDB tells where only of maps with an address that was asked for. */
void pages_find(struct store *s)
{
        unsigned long long start, end, inode;
        struct stat file;
        char line[600];
        int fd;
        FILE *maps = fopen("/proc/self/maps", "re");

        if (maps && !mdb_env_get_fd(s->env, &fd) && !fstat(fd, &file))
                while (fgets(line, sizeof(line), maps))
                        if (sscanf(line, "%llx-%llx r--s 00000000 %*s %llu", &start, &end, &inode) == 3 &&
                            inode == file.st_ino && strstr(line, "/data.mdb"))
                                s->map = (void *)(uintptr_t)start; /* NOLINT: as the system says it */
        if (maps)
                fclose(maps);
}

void pages_give_back(const struct store_txn *t)
{
        MDB_envinfo info;
        MDB_stat stat;

        if (t->bytes < PAGES_MUCH || !t->store->map || mdb_env_info(t->store->env, &info) ||
            mdb_env_stat(t->store->env, &stat))
                return;
        /* Shared and read only: nothing is lost by it. */
        madvise(t->store->map, (info.me_last_pgno + 1) * stat.ms_psize, MADV_DONTNEED);
}
