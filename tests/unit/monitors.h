/* tests/unit/monitors.h: monitors as the configuration makes them. */
#ifndef TESTS_UNIT_MONITORS_H
#define TESTS_UNIT_MONITORS_H

#include "zones/config/model.h"

/* monitor_make(a, "type: http, path: /x"): decoded in the arena; the test fails when it is not valid. */
struct monitor *monitor_make(struct arena *, const char *fields);

#endif
