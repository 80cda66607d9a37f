/* base/utf8.h: well-formed UTF-8 (RFC 3629): what others send, and texts that were cut to fit, need not be. Pure. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>

bool utf8_good(const char *text);
/* Puts '?' in the place of each byte that belongs to no character. */
void utf8_mend(char *text);

#endif
