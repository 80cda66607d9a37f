/* admin/asking/asking.h: what is not in force, to be asked what it would answer: the configuration with a document over
 * it, or what was in force at another time, with the health of then.
 *
 * It is built as a change that is loaded whole is (admin/control/build.h), by the builder's thread, and dropped when it
 * was asked: nothing comes of it. One at a time. Control thread. */
#ifndef ADMIN_ASKING_ASKING_H
#define ADMIN_ASKING_ASKING_H

#include "admin/control/terms.h"
#include "base/documents/problems.h"
#include "zones/answers/snapshot.h"
#include "zones/store/store.h"

struct control;
struct then;

/* What there is to ask, while the call of `done` lasts. */
struct asked {
        enum control_result result;      /* OK; UNCHANGED: what is in force is all that it would be; INVALID, FAILED */
        const struct snapshot *snapshot; /* of OK */
        const struct then *then;         /* with it, of another time (admin/asking/then.h) */
        const struct problems *problems; /* of INVALID */
        const char *error;               /* of FAILED */
};
typedef void asking_done(void *context, const struct asked *);

struct asking_order {
        int64_t at_ms;          /* wall time that lies behind; 0: */
        struct change *changes; /* that are laid over what is stored; they stay until `done` */
        size_t count;
        asking_done *done; /* once */
        void *context;
};

enum asking_begun {
        ASKING_BEGUN,
        ASKING_LATER, /* a change is under way: again when that has ended, see control_when_free */
        ASKING_BUSY,  /* another asks */
};
enum asking_begun asking_begin(struct control *, const struct asking_order *);

#endif
