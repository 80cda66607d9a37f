/* admin/rollout/asked.h: what people ask for with a change: whether it can be, and what it makes. Control thread. */
#ifndef ADMIN_ROLLOUT_ASKED_H
#define ADMIN_ROLLOUT_ASKED_H

#include "admin/control/control.h"

/* Why it cannot be: a status of HTTP, and a detail, beside problems. */
struct refusal {
        int status;
        const char *detail;
};

/* Whether a condition may be asked for, with these changes: it can be read, what it names is there, and it does not
 * hold already. `place`: what the caller calls it. */
bool condition_asked(struct control *, const char *text, const char *place, const struct change *, size_t count,
                     struct arena *, struct problems *, struct refusal *);

/* That the changes go back by themselves; either of the first two may be NULL. */
struct confirm_asked {
        const char *within, *abort_if, *by;
};
/* Adds it to the changes, behind which there is room for one more: *confirm, NULL when nothing of the configuration is
 * among them, or nothing was asked. Goes with the next revision, alone. */
bool confirm_asked(struct control *, const struct confirm_asked *, struct change *, size_t *count, struct arena *,
                   struct doc **confirm, struct problems *, struct refusal *);

#endif
