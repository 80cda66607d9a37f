/* admin/states/token_uses.h: when each token was last used, and which end soon. Control thread.
 *
 * Kept in memory by the hash of the secret, so that another token of the same name was not used before; noted on disk
 * at most once an hour a token, and at the end. */
#ifndef ADMIN_STATES_TOKEN_USES_H
#define ADMIN_STATES_TOKEN_USES_H

#include "zones/config/model.h"
#include "zones/store/store.h"

#define TOKEN_ENDS_SOON_MS ((int64_t)7 * 86400000)

struct token_uses;

/* Writes a note down (zones/store/note.h), soon. */
typedef void token_uses_note(void *context, const char *hash, int64_t time_ms);
/* Reads the notes that there are. */
struct token_uses *token_uses_open(struct store *, token_uses_note *, void *context);
/* Notes what is not noted yet. */
void token_uses_close(struct token_uses *);
void token_uses_take(struct token_uses *, const struct token *, int64_t wall_ms);
int64_t token_uses_last(const struct token_uses *, const struct token *); /* wall time; 0: never */
/* Notes those that were used and have no note of the last hour; logs once those that end soon. */
void token_uses_tick(struct token_uses *, const struct model *, int64_t wall_ms);

/* How many end within TOKEN_ENDS_SOON_MS, and when the first does. */
uint32_t tokens_ending(const struct model *, int64_t wall_ms, int64_t *first_ms);

#endif
