/* gslbd/serve/confine.h: what a worker's thread may ask of the kernel: receive, send, wait, and little else. */
#ifndef GSLBD_SERVE_CONFINE_H
#define GSLBD_SERVE_CONFINE_H

#include <stdbool.h>

/* Whether this system has it: Linux with seccomp, on a processor whose calls are known here, in a program without
 * sanitizers. */
bool confine_available(void);
/* From now on this thread gets EPERM for every system call but those that workers make: it opens no file and no socket,
 * runs nothing, changes no rights. false: it may do all that it could. */
bool confine_worker(void);

#endif
