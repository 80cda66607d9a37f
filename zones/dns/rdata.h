/* zones/dns/rdata.h: RDATA from presentation form and back, through ldns. Control thread. */
#ifndef ZONES_DNS_RDATA_H
#define ZONES_DNS_RDATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"

#define RDATA_MAX 65535

/* "A", "TYPE65280" -> number; 0 when it is no type that a record can have. */
uint16_t rdata_type(const char *text);
/* The type's name as zone files write it. Into out (16 bytes at least), returns it. */
char *rdata_type_name(uint16_t type, char *out, size_t size);

/* RDATA (uncompressed) in presentation form, names with the dot at their end, in the arena. */
const char *rdata_format(uint16_t type, const uint8_t *rdata, unsigned length, struct arena *);

/* RDATA in wire form, names uncompressed, behind its length in 2 bytes (network order), in the arena.
 * `origin` (wire) completes relative names. NULL with a message. */
const uint8_t *rdata_parse(uint16_t type, const char *text, const uint8_t *origin, struct arena *, char *error,
                           size_t error_size);

#endif
