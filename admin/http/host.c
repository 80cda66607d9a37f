#include "admin/http/host.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define HOST_MAX 256

/* Without brackets, port and final dot. false: it is none. */
static bool bare_host(const char *host, char out[HOST_MAX])
{
        bool bracket = *host == '[';
        size_t length = bracket ? strcspn(++host, "]") : strcspn(host, ":");
        const char *rest = host + length + bracket;

        if (!length || length >= HOST_MAX || (bracket && host[length] != ']') || (*rest && *rest != ':'))
                return false;
        snprintf(out, HOST_MAX, "%.*s", (int)length, host);
        if (out[length - 1] == '.')
                out[length - 1] = '\0';
        return true;
}

static bool is_loopback(const struct address *a)
{
        static const uint8_t six[16] = {[15] = 1};
        return a->family == ADDRESS_V4 ? a->bytes[0] == 127 : !memcmp(a->bytes, six, sizeof(six));
}

bool host_allowed(const char *host, const struct address *local, const char *const *names, size_t count)
{
        static const char suffix[] = ".localhost";
        struct address address;
        char bare[HOST_MAX];

        if (!bare_host(host, bare))
                return false;
        if (address_parse(bare, &address) && (is_loopback(&address) || address_equal(&address, local)))
                return true;
        size_t length = strlen(bare), end = sizeof(suffix) - 1;
        if (!strcasecmp(bare, "localhost") || !strcasecmp(bare, "ip6-localhost") ||
            (length > end && !strcasecmp(bare + length - end, suffix)))
                return true;
        for (size_t i = 0; i < count; i++)
                if (!strcasecmp(bare, names[i]))
                        return true;
        return false;
}
