/* gslbd/privileges.h: what gslbd gives away once its sockets are bound: root, capabilities, what it may write and run.
 *
 * Before any thread is started: all of it is of the thread that calls, and of those that it starts. */
#ifndef GSLBD_PRIVILEGES_H
#define GSLBD_PRIVILEGES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "base/arena.h"
#include "base/documents/doc.h"
#include "gslbd/settings.h"

/* What holds. */
struct privileges {
        bool changes; /* the user */
        uid_t uid;
        gid_t gid;
        const char *user; /* who it runs as; NULL: a number without a name */
        bool capabilities, no_new_privs, landlock, seccomp;
};

/* Who gslbd will run as: `user` of the settings, or gslbd when root starts it and that exists and the store is not
 * somebody else's. false with a message: it cannot be. */
bool privileges_find(const struct settings *, struct privileges *, char *error, size_t error_size);
/* The same, and makes the store's directory for them when it is not there. */
bool privileges_prepare(const struct settings *, struct privileges *, char *error, size_t error_size);
/* Becomes that. What the kernel does not have is left out, and logged. false with a message: it is not who it should
 * be, or cannot write the store. */
bool privileges_drop(const struct settings *, struct privileges *, char *error, size_t error_size);
/* {user, capabilities, no_new_privs, landlock, seccomp} */
struct doc *privileges_tell(const struct privileges *, struct arena *);

#endif
