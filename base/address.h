/* base/address.h: IP addresses, prefixes and socket addresses as values. Pure functions, any thread. */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define ADDRESS_TEXT_MAX      46 /* longest IPv6 text and NUL */
#define PREFIX_TEXT_MAX       50
#define ADDRESS_PORT_TEXT_MAX 56 /* "[v6]:port" and NUL */

enum address_family { ADDRESS_NONE = 0, ADDRESS_V4 = 4, ADDRESS_V6 = 6 };

/* Network byte order; an IPv4 address uses the first 4 bytes and the rest are zero. */
struct address {
        uint8_t family; /* enum address_family */
        uint8_t bytes[16];
};

/* An address and how many of its leading bits count; the bits behind are zero. */
struct prefix {
        struct address address;
        uint8_t length; /* 0..32 or 0..128 */
};

bool address_parse(const char *text, struct address *);                   /* no brackets, no zone id */
char *address_format(const struct address *, char out[ADDRESS_TEXT_MAX]); /* returns out */
bool address_equal(const struct address *, const struct address *);
unsigned address_bits(const struct address *); /* 32 or 128 */

/* "192.0.2.0/24"; an address alone is a host prefix. Refuses host bits behind the length.
 * IPv4-mapped IPv6 becomes IPv4. */
bool prefix_parse(const char *text, struct prefix *);
char *prefix_format(const struct prefix *, char out[PREFIX_TEXT_MAX]);
bool prefix_contains(const struct prefix *, const struct address *); /* false for another family */
bool prefix_equal(const struct prefix *, const struct prefix *);
/* Zeroes the bits behind `length`. */
void prefix_mask(struct prefix *);

/* From and to socket addresses. An IPv4-mapped IPv6 address becomes IPv4. Other families give ADDRESS_NONE. */
void address_from_sockaddr(const struct sockaddr *, struct address *, uint16_t *port);
socklen_t address_to_sockaddr(const struct address *, uint16_t port, struct sockaddr_storage *);

/* "127.0.0.1:53", "[::1]:53". Port 0 is allowed (the system picks). */
bool address_port_parse(const char *text, struct address *, uint16_t *port);
char *address_port_format(const struct address *, uint16_t port, char out[ADDRESS_PORT_TEXT_MAX]);

#endif
