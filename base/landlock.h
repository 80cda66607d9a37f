/* base/landlock.h: what the process may change and run in the file system: Landlock, landlock(7). */
#ifndef BASE_LANDLOCK_H
#define BASE_LANDLOCK_H

#include <stdbool.h>

/* From now on this thread, and those that it starts, change files below these directories alone (NULL-terminated; one
 * that is not there yet: below the one that it will be in), and run no programs. Reading stays as it is: certificates
 * and databases are replaced, and monitors name files of authorities. false: the kernel does not have it, or needs
 * no_new_privs first. */
bool landlock_confine(const char *const *directories);

#endif
