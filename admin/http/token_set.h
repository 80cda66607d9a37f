/* admin/http/token_set.h: the tokens that there are, for the API's thread to find who calls.
 *
 * A copy of the model's, which is the control thread's: that one gives the set another whenever tokens changed, before
 * it answers for the change, and looks again at what a call was found to be before it runs it. */
#ifndef ADMIN_HTTP_TOKEN_SET_H
#define ADMIN_HTTP_TOKEN_SET_H

#include <stdbool.h>
#include <stdint.h>
#include "base/arena.h"
#include "zones/config/model.h"

struct token_set;

/* What is known of a token without looking at anything else. */
struct token_known {
        const char *name, *hash;
        const char *prober; /* NULL: none */
        enum role role;
        int64_t until_ms; /* wall time; 0: no end */
        bool scoped;      /* it is good for a part of what there is */
};

struct token_set *token_set_new(void);
void token_set_free(struct token_set *);
void token_set_take(struct token_set *, const struct model *); /* control thread */
/* Who has this secret, in constant time per token; what is known lives in the arena. Any thread. false: nobody. */
bool token_set_find(struct token_set *, const char *secret, struct arena *, struct token_known *);

#endif
