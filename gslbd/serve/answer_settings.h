/* gslbd/serve/answer_settings.h: what workers answer by besides the snapshot, and that can be replaced while they
 * answer. */
#ifndef GSLBD_SERVE_ANSWER_SETTINGS_H
#define GSLBD_SERVE_ANSWER_SETTINGS_H

#include "base/arena.h"
#include "gslbd/answer/answer.h"

/* Publishes settings and takes the arena in which they live with all that they point to; those before are freed after
 * their grace period. NULL, NULL at the end. Control thread. */
void answer_settings_publish(const struct answer_settings *, struct arena *);
/* The published ones. Readers: within a QSBR section. The control thread: any time. */
const struct answer_settings *answer_settings_current(void);

#endif
