/* base/named.h: enumerations whose values have names in documents and replies, each pair written once:
 *
 *     #define COLOURS(X) X(COLOUR_RED, "red") X(COLOUR_BLUE, "blue")
 *     enum colour { COLOURS(NAMED_VALUE) };
 *     const char *const colour_names[] = {COLOURS(NAMED_TEXT) NULL}; */
#ifndef BASE_NAMED_H
#define BASE_NAMED_H

#define NAMED_VALUE(value, text) value,
#define NAMED_TEXT(value, text)  [value] = (text),

#endif
