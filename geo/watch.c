#include "geo/watch.h"

#include <stdlib.h>
#include <sys/stat.h>
#include "base/memory.h"
#include "geo/mmdb.h"

/* Which file it is and when it was written; all zero: none. */
struct stamp {
        uint64_t device, inode, length;
        int64_t seconds, nanoseconds;
};

struct geo_watch {
        const char *const *paths;
        size_t count;
        uint64_t interval_ms, next_ms;
        struct stamp opened[GEO_FILES_MAX], seen[GEO_FILES_MAX];
};

static struct stamp stamp_of(const char *path)
{
        struct stat s;

        if (stat(path, &s))
                return (struct stamp){0};
        return (struct stamp){(uint64_t)s.st_dev, (uint64_t)s.st_ino, (uint64_t)s.st_size, s.st_mtim.tv_sec,
                              s.st_mtim.tv_nsec};
}

static bool same(const struct stamp *a, const struct stamp *b)
{
        return a->device == b->device && a->inode == b->inode && a->length == b->length && a->seconds == b->seconds &&
               a->nanoseconds == b->nanoseconds;
}

struct geo_watch *geo_watch_new(const char *const *paths, size_t count, uint64_t interval_ms)
{
        struct geo_watch *w = memory_alloc(sizeof(*w));

        *w = (struct geo_watch){.paths = paths, .count = count, .interval_ms = interval_ms};
        return w;
}

void geo_watch_free(struct geo_watch *w)
{
        free(w);
}

void geo_watch_opening(struct geo_watch *w)
{
        for (size_t i = 0; i < w->count; i++)
                w->opened[i] = w->seen[i] = stamp_of(w->paths[i]);
}

bool geo_watch_changed(struct geo_watch *w, uint64_t now_ms)
{
        bool changed = false, settled = true;

        if (!w->interval_ms || now_ms < w->next_ms)
                return false;
        w->next_ms = now_ms + w->interval_ms;
        for (size_t i = 0; i < w->count; i++) {
                const struct stamp now = stamp_of(w->paths[i]);
                changed |= !same(&now, &w->opened[i]);
                settled &= same(&now, &w->seen[i]);
                w->seen[i] = now;
        }
        return changed && settled;
}
