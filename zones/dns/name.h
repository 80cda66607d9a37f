/* zones/dns/name.h: domain names in wire form (RFC 1035 3.1), compared without regard to ASCII case (RFC 4343).
 *
 * A wire name here is always uncompressed, at most 255 bytes, ends with the root label, and lower case once canonical.
 */
#ifndef ZONES_DNS_NAME_H
#define ZONES_DNS_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAME_WIRE_MAX   255
#define NAME_TEXT_MAX   1024 /* all escaped, a dot, and NUL */
#define NAME_LABELS_MAX 127

/* Parses presentation form (\DDD and \X escapes) into lower-case wire form. `origin` (wire) completes a name without a
 * trailing dot; NULL makes every name absolute; "@" is the origin. Returns the length, or 0 with *why set to a
 * static text ("label longer than 63 bytes"). */
unsigned name_parse(const char *text, const uint8_t *origin, uint8_t out[NAME_WIRE_MAX], const char **why);
/* Like name_parse but keeps the case as written (for RDATA). */
unsigned name_parse_cased(const char *text, const uint8_t *origin, uint8_t out[NAME_WIRE_MAX], const char **why);
/* Presentation form without trailing dot ("." for the root). Returns out. */
char *name_format(const uint8_t *wire, char out[NAME_TEXT_MAX]);
unsigned name_length(const uint8_t *wire);           /* bytes, with the root label */
unsigned name_labels(const uint8_t *wire);           /* without the root label */
bool name_equal(const uint8_t *a, const uint8_t *b); /* case folded */
/* Whether `name` is `ancestor` or below it. */
bool name_within(const uint8_t *name, const uint8_t *ancestor);
void name_lower(uint8_t *wire);
/* Canonical key form of a name as written in a document ("WWW.Example.com." -> "www.example.com"); false when invalid.
 */
bool name_key(const char *text, char out[NAME_TEXT_MAX]);

#endif
