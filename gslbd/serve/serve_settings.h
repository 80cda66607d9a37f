/* gslbd/serve/serve_settings.h: what workers answer by besides the snapshot, and that can be replaced while they
 * answer. */
#ifndef GSLBD_SERVE_SERVE_SETTINGS_H
#define GSLBD_SERVE_SERVE_SETTINGS_H

#include "base/arena.h"
#include "gslbd/answer/answer.h"
#include "gslbd/limits/limits.h"

struct serve_settings {
        struct answer_settings answer;
        struct limit_settings limits;
};

/* Publishes settings and takes the arena in which they live with all that they point to; those before are freed after
 * their grace period. NULL, NULL at the end. Control thread. */
void serve_settings_publish(const struct serve_settings *, struct arena *);
/* The published ones. Readers: within a QSBR section. The control thread: any time. */
const struct serve_settings *serve_settings_current(void);

#endif
