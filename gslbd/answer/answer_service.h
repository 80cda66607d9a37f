/* gslbd/answer/answer_service.h: the records of a service. Answer path. */
#ifndef GSLBD_ANSWER_ANSWER_SERVICE_H
#define GSLBD_ANSWER_ANSWER_SERVICE_H

#include "gslbd/answer/asking.h"

/* A, AAAA or CNAME; adds nothing when there is none of the type. */
enum step answer_service(struct asking *, const struct node *, uint16_t type);

#endif
