/* gslbd/limits/limits_tell.h: what people are told of limits. Control thread. */
#ifndef GSLBD_LIMITS_LIMITS_TELL_H
#define GSLBD_LIMITS_LIMITS_TELL_H

#include "base/arena.h"
#include "base/documents/doc.h"
#include "gslbd/limits/limits.h"

/* Mode, counts, and the `most` busiest networks. */
struct doc *limits_tell(const struct limits *, const struct limit_settings *, struct arena *, uint32_t most);
/* One line of how many were limited since *seen, which is raised, and of whom most; false: none were. */
bool limits_tell_line(const struct limits *, const struct limit_settings *, uint64_t *seen, char *out, size_t size);

#endif
