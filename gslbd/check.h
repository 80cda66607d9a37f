/* gslbd/check.h: what `gslbd --check` looks at besides the settings themselves: all that a start would refuse, or go
 * without. */
#ifndef GSLBD_CHECK_H
#define GSLBD_CHECK_H

#include <stdbool.h>
#include "gslbd/serve/serve.h"
#include "gslbd/settings.h"

/* Certificates, GeoIP databases, the store and, unless a gslbd runs on that store, the ports. Changes nothing. Tells
 * each problem on standard error; false when there is one. */
bool check_start(const char *path, const struct settings *, const struct serve_options *);

#endif
