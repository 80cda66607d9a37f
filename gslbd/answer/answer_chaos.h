/* gslbd/answer/answer_chaos.h: class CH: who answers (RFC 4892), and why. */
#ifndef GSLBD_ANSWER_ANSWER_CHAOS_H
#define GSLBD_ANSWER_ANSWER_CHAOS_H

#include "gslbd/answer/asking.h"

void answer_chaos(struct asking *);

#endif
