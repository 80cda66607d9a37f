/* probes/checks/timing.h: when a check runs next. Pure. */
#ifndef PROBES_CHECKS_TIMING_H
#define PROBES_CHECKS_TIMING_H

#include <stdint.h>
#include "probes/checks/state.h"
#include "zones/monitors/monitor.h"

/* The moment of the run after one that began at `started_ms` (monotonic). `hash` (of the check's id) gives the phase:
 * the same moment of the interval whatever happens, so that checks stay spread; `random` is for jitter. In doubt it is
 * the fast interval after the start, which may have passed already. */
uint64_t timing_next_ms(const struct monitor *, struct check_state, uint64_t hash, uint64_t started_ms,
                        uint32_t random);

#endif
