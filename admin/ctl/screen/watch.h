/* admin/ctl/screen/watch.h: the same look again and again. On a terminal it is drawn in its place; elsewhere the first
 * is printed whole, and then each line that comes ("+") or goes ("-"), behind the time. */
#ifndef ADMIN_CTL_SCREEN_WATCH_H
#define ADMIN_CTL_SCREEN_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#define WATCH_INTERVAL_MS    2000
#define WATCH_INTERVAL_LEAST 100

/* Prints to standard output; what went wrong goes to standard error. Returns an exit status. */
typedef int watch_look(void *context);

struct watch {
        int64_t interval_ms; /* from the end of a look to the next */
        const char *title;   /* on a terminal above it */
        bool whole;          /* elsewhere: what is another than before is printed whole, with `separator` in front */
        const char *separator;
        bool (*key)(void *context, int key); /* on a terminal; true: look at once. NULL: nobody wants keys but q */
};

/* Goes on until it is ended by a signal or the key q (0), or standard output is gone. The first look must be good; else
 * its status. What goes wrong later is shown, and the last good picture stays. */
int watch_run(const struct watch *, watch_look *, void *context);

#endif
