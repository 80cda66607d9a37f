/* tests/unit/questions.h: all questions that a random world may be asked: its names and misses beside them, types, and
 * clients with and without a subnet. Each is always asked with the same random state, so that its answer depends on the
 * snapshot alone. */
#ifndef TESTS_UNIT_QUESTIONS_H
#define TESTS_UNIT_QUESTIONS_H

#include "gslbd/answer/answer.h"

/* One thread's. */
struct questioner {
        struct answer_context context;
        struct picker_state picker;
        uint8_t reply[ANSWER_REPLY_MAX];
        size_t length; /* of the reply */
};

void questions_make(void); /* once, before any thread asks */
unsigned questions_count(void);
const char *question_text(unsigned n); /* "www.g.example A from 198.51.100.1" */

struct questioner *questioner_new(void); /* free() it */
/* Asks the snapshot, which must be held in a QSBR section. */
void question_ask(struct questioner *, unsigned n, const struct snapshot *);
/* Names that explain is asked of: NULL at the end. */
const char *question_name(unsigned n);

#endif
