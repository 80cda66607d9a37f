/* base/hex.h: bytes written as pairs of hexadecimal digits. Any thread. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether `text` is pairs of digits alone, for 1 to `room` bytes, which go to `out`. */
bool hex_decode(const char *text, uint8_t *out, size_t room, size_t *length);

#endif
