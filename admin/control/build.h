/* admin/control/build.h: what takes long is made by a thread of its own, the builder's, while verdicts and operations
 * go on: a configuration that is loaded whole, new tables of clients.
 *
 * The model in force is not edited meanwhile, so that the thread may look at it (control->building); what is known of
 * endpoints it never looks at. That is handed over on the control thread, in steps of a few milliseconds, pool by pool;
 * what becomes of a pool afterwards is noted, and handed over before the root is swapped. One build at a time. Control
 * thread. */
#ifndef ADMIN_CONTROL_BUILD_H
#define ADMIN_CONTROL_BUILD_H

#include "admin/control/terms.h"
#include "base/documents/problems.h"
#include "geo/mmdb.h"
#include "zones/answers/snapshot.h"
#include "zones/store/writer.h"

struct build;
struct builds;
struct control;

bool builds_open(struct control *, char *error, size_t error_size);
/* Nothing is under way. */
void builds_close(struct control *);

/* It is made to be asked something when it is made, and dropped then: nothing is guarded, and nobody's checks are
 * looked at. */
struct build_asked {
        /* On the builder's thread; NULL: as for a change. */
        /* First: what is stored, to find the changes of the revision. false: problems say why. */
        bool (*looks)(void *context, struct store_txn *, struct revision *, struct problems *);
        /* Before anything is chosen: other states, and what is held, than what is known now. Returns the wall time that
         * it is then. */
        int64_t (*states)(void *context, struct snapshot *, const struct model *in_force, struct endpoint_state *);
        void *context;
};

/* What is to be built; what the pointers lead to stays until the end. */
struct build_order {
        struct revision *revision;   /* changes over what is stored, which are reduced in place; NULL: none */
        bool reduced;                /* they are already */
        const struct backup *backup; /* whose numbers stand above those here, or NULL */
        char **geo_paths;            /* databases to be opened in the place of those in force; NULL: those stay */
        size_t geo_path_count;
        struct arena *arena;
        const struct build_asked *asked; /* NULL: it is to come into force */
        struct arena *tell;              /* where it is told what it does to traffic; NULL: nobody asks */
        /* All is made, and guarded on the way; false: it is given up. Either now or later build_publish or build_drop
         * is called. */
        void (*made)(struct build *, void *context);
        /* At the end, once: it is in force, or it is not. */
        void (*end)(struct build *, bool in_force, void *context);
        void *context;
};

/* What came of it, for those calls. */
struct build_result {
        enum control_result result; /* CONTROL_OK so far; UNCHANGED, INVALID, FAILED */
        struct problems problems;
        char error[512];       /* of FAILED */
        struct findings found; /* of changes; problems name them */
        struct snapshot *snapshot;
        struct geo *geo; /* newly opened; whoever takes it sets it to NULL */
        struct problems left_out;
        const struct serial_change *serials; /* to be stored with it */
        size_t serial_count;
        bool raised; /* numbers of the backup are above those here */
};
struct build_result *build_result(struct build *);

void build_start(struct control *, const struct build_order *);
/* From `made` on: puts it in force, in steps; `number` and `time_ms` are its revision's (0: as before). */
void build_publish(struct build *, const struct revision *);
void build_drop(struct build *);

/* Whether what is under way is but to be asked. */
bool build_is_asked(const struct control *);

/* The stored configuration comes into force, loaded whole, before this returns: on the control thread, by the same
 * stages. */
void build_stored_now(struct control *);
/* Does something else on the builder's thread; then calls `done` on the control thread, which says when the
 * configuration may be edited and built again (control->building). */
void builds_do(struct control *, void (*work)(void *context), void (*done)(void *context), void *context);
/* Waits until what is under way has ended or waits for somebody else; false: nothing is. */
bool builds_settle(struct control *);
/* Gives up what is under way, but for what is being written. */
void builds_cancel(struct control *);

#endif
