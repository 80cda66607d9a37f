#include "base/time_zones/time_zones.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/hash.h"
#include "base/memory.h"

#define DIRECTORY  "/usr/share/zoneinfo"
#define NAME_MOST  64
#define PATH_MOST  1024
#define ERROR_MOST 256

struct entry {
        struct time_zone *zone;
        uint8_t *bytes; /* that it was read from */
        size_t length;
};

static struct {
        pthread_mutex_t lock;
        struct map *by_name; /* struct entry *, owned */
} table = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Words of letters, digits, "_", "-" and "+" with slashes between them: no way out of the directory. */
static bool name_good(const char *name)
{
        bool begins = true;

        for (const char *p = name; *p; p++) {
                if (begins ? !isalnum((unsigned char)*p) : !isalnum((unsigned char)*p) && !strchr("_-+/", *p))
                        return false;
                begins = *p == '/';
        }
        return !begins && strlen(name) <= NAME_MOST;
}

/* --- files --- */

/* All of a regular file; false with errno. */
static bool read_whole(int file, uint8_t *bytes, size_t size, size_t *length)
{
        struct stat status;

        *length = 0;
        if (fstat(file, &status))
                return false;
        if (!S_ISREG(status.st_mode)) {
                errno = EISDIR;
                return false;
        }
        while (*length < size) {
                ssize_t n = read(file, bytes + *length, size - *length);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n == 0;
                *length += (size_t)n;
        }
        return true;
}

static void say_missing(const char *name, const char *directory, char *error, size_t error_size)
{
        char path[PATH_MOST];

        snprintf(path, sizeof(path), "%s/UTC", directory);
        if (access(path, R_OK))
                snprintf(error, error_size, "there are no time zones in %s: install the package tzdata", directory);
        else
                snprintf(error, error_size,
                         "there is no time zone \"%s\"; expected a name such as Europe/Berlin or UTC", name);
}

/* Its bytes in `entry`, and what they say. false with `error`. */
static bool entry_read(const char *name, struct entry *entry, char *error, size_t error_size)
{
        const char *directory = getenv("TZDIR"), *why = NULL;
        uint8_t bytes[TIME_ZONE_FILE_MAX + 1];
        char path[PATH_MOST];

        if (!directory || !*directory)
                directory = DIRECTORY;
        if (!name_good(name)) {
                snprintf(error, error_size, "expected a time zone such as Europe/Berlin or UTC, got \"%.*s\"",
                         NAME_MOST, name);
                return false;
        }
        snprintf(path, sizeof(path), "%s/%s", directory, name);
        int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        bool whole = file >= 0 && read_whole(file, bytes, sizeof(bytes), &entry->length);
        int number = errno;
        if (file >= 0)
                close(file);
        if (!whole && (number == ENOENT || number == ENOTDIR || number == EISDIR)) {
                say_missing(name, directory, error, error_size);
                return false;
        }
        entry->zone = whole ? time_zone_read(bytes, entry->length, &why) : NULL;
        if (!entry->zone) {
                snprintf(error, error_size, "the time zone \"%s\" cannot be read from %s: %s", name, directory,
                         why ? why : strerror(number));
                return false;
        }
        entry->bytes = memory_alloc(entry->length);
        memcpy(entry->bytes, bytes, entry->length);
        return true;
}

static void entry_free(struct entry *e)
{
        time_zone_free(e->zone);
        free(e->bytes);
        free(e);
}

/* --- the table --- */

const struct time_zone *time_zones_find(const char *name, char *error, size_t error_size)
{
        pthread_mutex_lock(&table.lock);
        if (!table.by_name)
                table.by_name = map_new();
        struct entry *e = map_get(table.by_name, name);
        if (!e) {
                e = memory_alloc(sizeof(*e));
                if (entry_read(name, e, error, error_size)) {
                        map_set(table.by_name, name, e);
                } else {
                        entry_free(e);
                        e = NULL;
                }
        }
        pthread_mutex_unlock(&table.lock);
        return e ? e->zone : NULL;
}

/* Whether it is another now: then the time zone has the new content at its old place. */
static bool entry_reload(const char *name, struct entry *e, char *error, size_t error_size)
{
        struct entry *read = memory_alloc(sizeof(*read));

        bool another = entry_read(name, read, error, error_size) &&
                       (read->length != e->length || memcmp(read->bytes, e->bytes, e->length) != 0);
        if (another) {
                uint8_t *bytes = e->bytes;
                time_zone_swap(e->zone, read->zone);
                e->bytes = read->bytes;
                e->length = read->length;
                read->bytes = bytes;
        }
        entry_free(read);
        return another;
}

size_t time_zones_reload(time_zones_visit *visit, void *context)
{
        const char *name;
        size_t count = 0;
        void *value;

        pthread_mutex_lock(&table.lock);
        for (size_t at = 0; table.by_name && map_next(table.by_name, &at, &name, &value);) {
                char error[ERROR_MOST] = "";
                bool another = entry_reload(name, value, error, sizeof(error));
                count += another;
                if (another || *error)
                        visit(context, name, *error ? error : NULL);
        }
        pthread_mutex_unlock(&table.lock);
        return count;
}

void time_zones_free(void)
{
        const char *name;
        void *value;

        for (size_t at = 0; table.by_name && map_next(table.by_name, &at, &name, &value);)
                entry_free(value);
        map_free(table.by_name);
        table.by_name = NULL;
}
