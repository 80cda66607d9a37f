#include "base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool address_parse(const char *text, struct address *a)
{
        *a = (struct address){0};
        if (strchr(text, ':') ? inet_pton(AF_INET6, text, a->bytes) == 1 : inet_pton(AF_INET, text, a->bytes) == 1) {
                a->family = strchr(text, ':') ? ADDRESS_V6 : ADDRESS_V4;
                return true;
        }
        return false;
}

/* What configurations are full of. */
static void format_v4(const uint8_t bytes[4], char *out)
{
        for (int i = 0; i < 4; i++) {
                unsigned byte = bytes[i];
                if (byte >= 100)
                        *out++ = (char)('0' + byte / 100);
                if (byte >= 10)
                        *out++ = (char)('0' + byte / 10 % 10);
                *out++ = (char)('0' + byte % 10);
                *out++ = i < 3 ? '.' : '\0';
        }
}

char *address_format(const struct address *a, char out[ADDRESS_TEXT_MAX])
{
        out[0] = '\0';
        if (a->family == ADDRESS_V4)
                format_v4(a->bytes, out);
        else if (a->family == ADDRESS_V6)
                inet_ntop(AF_INET6, a->bytes, out, ADDRESS_TEXT_MAX);
        return out;
}

bool address_equal(const struct address *a, const struct address *b)
{
        return a->family == b->family && !memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

unsigned address_bits(const struct address *a)
{
        return a->family == ADDRESS_V6 ? 128 : 32;
}

/* A whole number of at most `max`, digits only, written as one writes it: 024 is octal to some. */
static bool number_parse(const char *text, unsigned max, unsigned *out)
{
        unsigned value = 0;

        if (!*text || strlen(text) > 5 || (text[0] == '0' && text[1]))
                return false;
        for (; *text; text++) {
                if (*text < '0' || *text > '9')
                        return false;
                value = value * 10 + (unsigned)(*text - '0');
        }
        *out = value;
        return value <= max;
}

/* ::ffff:a.b.c.d (RFC 4291 2.5.5.2) is the IPv4 address: sockets give it as that, too. */
static void unmap(struct prefix *p)
{
        static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

        if (p->address.family != ADDRESS_V6 || p->length < 96 || memcmp(p->address.bytes, mapped, sizeof(mapped)))
                return;
        memmove(p->address.bytes, p->address.bytes + 12, 4);
        memset(p->address.bytes + 4, 0, 12);
        p->address.family = ADDRESS_V4;
        p->length = (uint8_t)(p->length - 96);
}

bool prefix_parse(const char *text, struct prefix *p)
{
        char address[ADDRESS_TEXT_MAX];
        const char *slash = strchr(text, '/');
        size_t length = slash ? (size_t)(slash - text) : strlen(text);
        unsigned bits;

        if (length >= sizeof(address))
                return false;
        memcpy(address, text, length);
        address[length] = '\0';
        if (!address_parse(address, &p->address))
                return false;
        bits = address_bits(&p->address);
        if (slash && !number_parse(slash + 1, bits, &bits))
                return false;
        p->length = (uint8_t)bits;
        struct prefix masked = *p;
        prefix_mask(&masked);
        if (!prefix_equal(&masked, p))
                return false;
        unmap(p);
        return true;
}

char *prefix_format(const struct prefix *p, char out[PREFIX_TEXT_MAX])
{
        char address[ADDRESS_TEXT_MAX];
        snprintf(out, PREFIX_TEXT_MAX, "%s/%u", address_format(&p->address, address), p->length);
        return out;
}

bool prefix_contains(const struct prefix *p, const struct address *a)
{
        if (p->address.family != a->family)
                return false;
        unsigned whole = p->length / 8, rest = p->length % 8;
        if (memcmp(p->address.bytes, a->bytes, whole))
                return false;
        return !rest || !((p->address.bytes[whole] ^ a->bytes[whole]) >> (8 - rest));
}

bool prefix_equal(const struct prefix *a, const struct prefix *b)
{
        return a->length == b->length && address_equal(&a->address, &b->address);
}

void prefix_mask(struct prefix *p)
{
        unsigned whole = p->length / 8, rest = p->length % 8;

        if (whole >= sizeof(p->address.bytes))
                return;
        if (rest) {
                p->address.bytes[whole] &= (uint8_t)(0xff << (8 - rest));
                whole++;
        }
        memset(p->address.bytes + whole, 0, sizeof(p->address.bytes) - whole);
}

void address_from_sockaddr(const struct sockaddr *from, struct address *a, uint16_t *port)
{
        *a = (struct address){0};
        if (port)
                *port = 0;
        if (from->sa_family == AF_INET) {
                const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)from;
                a->family = ADDRESS_V4;
                memcpy(a->bytes, &in->sin_addr, 4);
                if (port)
                        *port = ntohs(in->sin_port);
        } else if (from->sa_family == AF_INET6) {
                const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)from;
                bool mapped = IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr);
                a->family = mapped ? ADDRESS_V4 : ADDRESS_V6;
                memcpy(a->bytes, in6->sin6_addr.s6_addr + (mapped ? 12 : 0), mapped ? 4 : 16);
                if (port)
                        *port = ntohs(in6->sin6_port);
        }
}

socklen_t address_to_sockaddr(const struct address *a, uint16_t port, struct sockaddr_storage *out)
{
        memset(out, 0, sizeof(*out));
        if (a->family == ADDRESS_V6) {
                struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)out;
                in6->sin6_family = AF_INET6;
                in6->sin6_port = htons(port);
                memcpy(&in6->sin6_addr, a->bytes, 16);
                return sizeof(*in6);
        }
        struct sockaddr_in *in = (struct sockaddr_in *)(void *)out;
        in->sin_family = AF_INET;
        in->sin_port = htons(port);
        memcpy(&in->sin_addr, a->bytes, 4);
        return sizeof(*in);
}

bool address_port_parse(const char *text, struct address *a, uint16_t *port)
{
        char address[ADDRESS_TEXT_MAX];
        const char *colon = strrchr(text, ':');
        bool bracket = text[0] == '[';
        unsigned number;

        if (!colon || !number_parse(colon + 1, 65535, &number) || colon - text < (bracket ? 3 : 1))
                return false;
        if (bracket && colon[-1] != ']')
                return false;
        size_t length = (size_t)(colon - text) - (bracket ? 2 : 0);
        if (length >= sizeof(address))
                return false;
        memcpy(address, text + bracket, length);
        address[length] = '\0';
        *port = (uint16_t)number;
        return address_parse(address, a) && (a->family == ADDRESS_V6) == bracket;
}

char *address_port_format(const struct address *a, uint16_t port, char out[ADDRESS_PORT_TEXT_MAX])
{
        char address[ADDRESS_TEXT_MAX];
        snprintf(out, ADDRESS_PORT_TEXT_MAX, a->family == ADDRESS_V6 ? "[%s]:%u" : "%s:%u", address_format(a, address),
                 port);
        return out;
}
