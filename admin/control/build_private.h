/* admin/control/build_private.h: what the files of a build share. */
#ifndef ADMIN_CONTROL_BUILD_PRIVATE_H
#define ADMIN_CONTROL_BUILD_PRIVATE_H

#include "admin/control/build.h"
#include "admin/control/control_private.h"

enum build_stage {
        BUILD_FRAMES,  /* its thread: model, structure, names */
        BUILD_CARRIES, /* control: what is known of each pool, in steps */
        BUILD_BEGINS,  /* its thread: pick tables and choices */
        BUILD_WEIGHS,  /* control: what stands against it, in steps */
        BUILD_WAITS,   /* somebody else decides */
        BUILD_ENTERS,  /* control: what was noted, in steps, then the root */
        BUILD_ENDS
};

struct build {
        struct control *control;
        struct build_order order;
        struct build_result result;
        enum build_stage stage;
        uint32_t at;  /* in a stage of steps: the number that is next */
        bool at_once; /* on the control thread, in one piece */
        bool in_force;
        bool cancelled;                  /* to be given up at the end of its stage */
        const struct revision *revision; /* from BUILD_ENTERS on: as it was written; NULL: none */
        /* What its thread looks at. */
        const struct snapshot *before;
        const struct geo *geo; /* in force */
        struct problems known; /* left out so far */
        /* What is made. */
        struct endpoint_state *states;
        bool checks_change;               /* who is checked, how, or by whom, may be another */
        struct plan *plan;                /* what is another then; NULL: nothing */
        uint32_t *checked, checked_count; /* numbers of endpoints of whom health is to be asked anew */
        struct drains *drains;
        struct schedules *schedules;
        uint32_t *flattened, flattened_count; /* numbers of host names that are looked up */
        uint64_t drains_seen;                 /* drains_changes, when they were copied or followed */
        uint32_t drains_at;                   /* following them: the pool that is next */
        bool all_again;                       /* all pools are handed over once more */
};

/* build_make.c: on the builder's thread */
void build_frame(struct build *);
void build_begin(struct build *);

/* build_states.c */
/* A step of what is known; false: there is more to do. */
bool build_carry_some(struct build *, uint64_t until_us);
/* Hands over what was noted; false: there is more to do. */
bool build_follow_some(struct build *, uint64_t until_us);
/* The rest, and the swap. */
void build_enter(struct build *, const struct revision *);

#endif
