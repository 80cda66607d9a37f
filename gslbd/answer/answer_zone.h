/* gslbd/answer/answer_zone.h: questions for names of the zones we serve. Answer path. */
#ifndef GSLBD_ANSWER_ANSWER_ZONE_H
#define GSLBD_ANSWER_ANSWER_ZONE_H

#include "gslbd/answer/asking.h"

void answer_zones(struct asking *);

#endif
