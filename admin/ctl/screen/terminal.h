/* admin/ctl/screen/terminal.h: the terminal of one who looks: its size, colours, keys, and that it is left as it was
 * found, however the program ends. One terminal, one thread. */
#ifndef ADMIN_CTL_SCREEN_TERMINAL_H
#define ADMIN_CTL_SCREEN_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include "base/buffer.h"

/* Whether what goes to standard output is coloured. `when` is auto, always or never (NULL: auto: on a terminal that
 * can, unless NO_COLOR is set). false: it is none of these. */
bool terminal_colours(const char *when, bool *colours);

/* Takes the whole of the terminal, keys come one by one; on SIGINT the program ends with 0 and on other signals by
 * them, and each leaves the terminal as it was. */
void terminal_open(void);
void terminal_close(void);

enum { TERMINAL_TIME_IS_UP = -1, TERMINAL_RESIZED = -2 };
/* The next key, or why there is none. Of a key that sends several bytes (an arrow) ESC alone is given. */
int terminal_key(int wait_ms);

void terminal_size(unsigned *rows, unsigned *columns);
/* How many columns a line takes, which ends at `length`: bytes of UTF-8 that go on and colours take none. */
size_t terminal_width(const char *line, size_t length);
/* Appends as much of the line as fits, and what clears the rest of the row. */
void terminal_line(struct buffer *, const char *line, size_t length, unsigned columns);
/* Shows text as the whole picture: what does not fit is left out, and the last row says how much. */
void terminal_draw(const char *text, size_t length);

#endif
