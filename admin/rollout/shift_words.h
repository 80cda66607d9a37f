/* admin/rollout/shift_words.h: what people say to shifts: that one begins, waits, goes on or ends. The changes that do
 * it; what follows, gslbd does by itself (shifts.c). Control thread. */
#ifndef ADMIN_ROLLOUT_SHIFT_WORDS_H
#define ADMIN_ROLLOUT_SHIFT_WORDS_H

#include "admin/rollout/asked.h"
#include "zones/config/rollout.h"

/* What is asked for; `name` is the key of the service. */
struct shift_asked {
        const char *name, *to, *abort_if, *by;
        LIST(int64_t) steps;
        int64_t every_ms;
};

/* At most this many changes. */
#define SHIFT_CHANGES 2

/* That one begins, with its first step. *told: the shift, or NULL. false with a refusal. */
bool shift_begin(struct control *, struct store_txn *, const struct shift_asked *, struct arena *,
                 struct change[SHIFT_CHANGES], size_t *count, struct doc **told, struct problems *, struct refusal *);

enum shift_word { SHIFT_PAUSE, SHIFT_RESUME, SHIFT_ABORT };
/* The same of one that is there. Abort puts the service back as it was when it began, unless something else has
 * changed it since: *told says so. */
bool shift_say(struct store_txn *, enum shift_word, const char *name, const char *by, struct arena *,
               struct change[SHIFT_CHANGES], size_t *count, struct doc **told, struct refusal *);

#endif
