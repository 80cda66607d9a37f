/* gslbd/answer/answer_bindings.h: SVCB and HTTPS records of a service (RFC 9460). Answer path. */
#ifndef GSLBD_ANSWER_ANSWER_BINDINGS_H
#define GSLBD_ANSWER_ANSWER_BINDINGS_H

#include "gslbd/answer/asking.h"

void answer_bindings(struct asking *, const struct node *, const struct bindings *, uint16_t type);

#endif
