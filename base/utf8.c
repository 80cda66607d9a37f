#include "base/utf8.h"

#include <stddef.h>

/* The bytes of the character that `p` begins with; 0: it begins with none. Shorter forms, surrogates and what is beyond
 * U+10FFFF show in the second byte (RFC 3629 4). A NUL ends each of the looks ahead. */
static size_t character(const unsigned char *p)
{
        unsigned char low = 0x80, high = 0xbf;
        size_t size = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;

        if (size < 2)
                return size;
        if (p[0] == 0xe0)
                low = 0xa0;
        else if (p[0] == 0xed)
                high = 0x9f;
        else if (p[0] == 0xf0)
                low = 0x90;
        else if (p[0] == 0xf4)
                high = 0x8f;
        if (p[1] < low || p[1] > high)
                return 0;
        for (size_t i = 2; i < size; i++)
                if (p[i] < 0x80 || p[i] > 0xbf)
                        return 0;
        return size;
}

bool utf8_good(const char *text)
{
        const unsigned char *p = (const unsigned char *)text;

        for (size_t size; *p; p += size)
                if (!(size = character(p)))
                        return false;
        return true;
}

void utf8_mend(char *text)
{
        while (*text) {
                size_t size = character((const unsigned char *)text);
                if (!size)
                        *text = '?';
                text += size ? size : 1;
        }
}
