/* zones/explain/question.h: who asks for what, and when. */
#ifndef ZONES_EXPLAIN_QUESTION_H
#define ZONES_EXPLAIN_QUESTION_H

#include <stdint.h>
#include "base/address.h"

struct explain_question {
        const char *name, *type;
        struct prefix client;
        uint64_t revision;       /* that is in force: drains make one without a snapshot */
        int64_t wall_ms, now_ms; /* what the clocks show, wall and monotonic: the states go by them */
        uint64_t seed;           /* of the pick: of two questions with the same, only what is another differs */
        const char *as;          /* what the first sentence says behind name and type; NULL: the revision */
};

#endif
