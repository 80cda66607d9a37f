#include "gslbd/serve/port_holder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define STATE_LISTEN 0x0a /* of /proc/net/tcp; enum in Linux' net/tcp_states.h */
#define INODES_MAX   64

/* Sockets that may be in the way. */
struct inodes {
        unsigned long list[INODES_MAX];
        unsigned count;
};

/* An address as /proc/net writes it: 32-bit words of the machine's order in hexadecimal. */
static bool parse_address(const char *hex, struct address *out)
{
        size_t length = strlen(hex);

        *out = (struct address){.family = length == 8 ? ADDRESS_V4 : ADDRESS_V6};
        if (length != 8 && length != 32)
                return false;
        for (size_t i = 0; i < length; i += 8) {
                char word[9] = {0};
                memcpy(word, hex + i, 8);
                uint32_t value = (uint32_t)strtoul(word, NULL, 16);
                memcpy(out->bytes + i / 2, &value, sizeof(value));
        }
        return true;
}

static bool in_the_way(const struct address *mine, const struct address *other)
{
        static const uint8_t zero[16];

        bool all = !memcmp(other->bytes, zero, sizeof(zero));

        if (mine->family != other->family) /* :: may be of both families */
                return other->family == ADDRESS_V6 && all;
        return all || !memcmp(mine->bytes, zero, sizeof(zero)) || !memcmp(mine->bytes, other->bytes, sizeof(zero));
}

static void read_table(const char *path, const struct address *a, uint16_t port, int type, struct inodes *found)
{
        FILE *f = fopen(path, "re");
        char line[512], hex[33];
        unsigned local, state;
        unsigned long inode;
        struct address other;

        while (f && found->count < INODES_MAX && fgets(line, sizeof(line), f))
                if (sscanf(line, " %*u: %32[0-9A-F]:%4x %*s %2x %*s %*s %*s %*u %*u %lu", hex, &local, &state,
                           &inode) == 4 &&
                    local == port && inode && (type == SOCK_DGRAM || state == STATE_LISTEN) &&
                    parse_address(hex, &other) && in_the_way(a, &other))
                        found->list[found->count++] = inode;
        if (f)
                fclose(f);
}

static bool is_one(int directory, const char *name, const struct inodes *sockets)
{
        char link[64];
        unsigned long inode;
        ssize_t length = readlinkat(directory, name, link, sizeof(link) - 1);

        if (length <= 0)
                return false;
        link[length] = '\0';
        if (sscanf(link, "socket:[%lu]", &inode) != 1)
                return false;
        for (unsigned i = 0; i < sockets->count; i++)
                if (sockets->list[i] == inode)
                        return true;
        return false;
}

static bool holds(const char *process, const struct inodes *sockets)
{
        char path[300];
        bool found = false;

        snprintf(path, sizeof(path), "/proc/%s/fd", process);
        DIR *d = opendir(path);
        for (struct dirent *e; d && !found && (e = readdir(d));)
                found = is_one(dirfd(d), e->d_name, sockets);
        if (d)
                closedir(d);
        return found;
}

static void port_holder_tell(const char *process, char *out, size_t size)
{
        char path[300], name[64] = "";
        snprintf(path, sizeof(path), "/proc/%s/comm", process);
        FILE *f = fopen(path, "re");

        if (f && fgets(name, sizeof(name), f))
                name[strcspn(name, "\n")] = '\0';
        if (f)
                fclose(f);
        snprintf(out, size, "%s, process %s", *name ? name : "a program", process);
}

bool port_holder(const struct address *a, uint16_t port, int type, char *out, size_t size)
{
        struct inodes sockets = {.count = 0};
        bool found = false;

        read_table(type == SOCK_DGRAM ? "/proc/net/udp" : "/proc/net/tcp", a, port, type, &sockets);
        read_table(type == SOCK_DGRAM ? "/proc/net/udp6" : "/proc/net/tcp6", a, port, type, &sockets);
        if (!sockets.count)
                return false;
        DIR *d = opendir("/proc");
        for (struct dirent *e; d && !found && (e = readdir(d));)
                if (e->d_name[0] >= '1' && e->d_name[0] <= '9' && holds(e->d_name, &sockets)) {
                        port_holder_tell(e->d_name, out, size);
                        found = true;
                }
        if (d)
                closedir(d);
        return found;
}
