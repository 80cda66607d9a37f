/* probes/checks/state.h: rise and fall: from the results of a check to its verdict. Pure. */
#ifndef PROBES_CHECKS_STATE_H
#define PROBES_CHECKS_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include "probes/checks/verdict.h"

struct check_state {
        enum verdict_state state;
        uint32_t streak; /* results in a row that speak against `state` */
};

/* The state after one more result. The first result ever decides at once; later it takes `rise` passed checks in a row
 * to go up and `fall` failed ones to go down. */
struct check_state check_state_next(struct check_state, bool passed, uint32_t rise, uint32_t fall);

#endif
