/* admin/control/terms.h: who changes, on what terms, and what became of it. */
#ifndef ADMIN_CONTROL_TERMS_H
#define ADMIN_CONTROL_TERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "admin/control/findings.h"

struct backup;

enum control_result {
        CONTROL_OK,
        CONTROL_UNCHANGED, /* the changes changed nothing; no revision was made */
        CONTROL_INVALID,   /* problems say why */
        CONTROL_REFUSED,   /* it could be done, but problems say what it would take; see struct change_terms */
        CONTROL_FAILED,    /* the disk or memory: problems[0] says why; nothing changed */
        CONTROL_STARTED,   /* it is being built or written: change_terms.done is told what becomes of it */
        CONTROL_LATER, /* another is being built or written that this one cannot join: again when control_when_free says
                        */
};

struct change_outcome;
/* What became of a change that was started. */
typedef void control_done(void *context, enum control_result, const struct change_outcome *);

/* Who changes, and on what terms. */
struct change_terms {
        const char *author, *comment; /* comment: NULL, none */
        bool dry_run;                 /* stops before the commit */
        bool force;                   /* also what leaves somebody without anything healthy, */
        const char *reason;           /* and, with a reason, what breaks a rule; NULL: none */
        const struct backup *backup; /* that is restored, or NULL: numbers of revisions and zones go on above its own */
        struct arena *tell;          /* where a dry run tells what it does to traffic; NULL: nobody asks */
        bool reduced;                /* the changes are those alone that change something, of what is stored now */
        bool alone;                  /* what it changes was made of a look at more than that */
        control_done *done;          /* NULL: nobody wants to know; the changes are there until it is called */
        void *context;
};

struct change_outcome {
        uint64_t revision;     /* its number, or the current one */
        bool raised;           /* numbers of revisions or zones go on above those of the backup, which were higher */
        struct findings found; /* problems name them */
        const char *error;     /* of CONTROL_FAILED, when it was started */
};

#endif
