#include "admin/api/permit.h"

#include <string.h>
#include "admin/http/auth.h"
#include "zones/answers/snapshot.h"

bool permit_role(struct call *c, enum role needs)
{
        if (role_allows(c->role, needs))
                return true;
        reply_problem(c, 403, "this needs role %s, the token \"%s\" has role %s", role_name(needs), c->who,
                      role_name(c->role));
        return false;
}

/* --- the last admin --- */

static bool is_lasting(const struct token *t)
{
        return t->role == ROLE_ADMIN && !t->until_ms;
}

/* Whether the changes make a token of role admin without an end. */
static bool makes_lasting(const struct change *changes, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                const struct doc *d = changes[i].kind == KIND_TOKENS ? changes[i].document : NULL;
                const char *role = d ? doc_get_string(d, "role") : NULL;
                if (role && !strcmp(role, role_name(ROLE_ADMIN)) && !doc_get(d, "until"))
                        return true;
        }
        return false;
}

static const struct change *change_of_token(const struct change *changes, size_t count, const char *name)
{
        for (size_t i = 0; i < count; i++)
                if (changes[i].kind == KIND_TOKENS && !strcmp(changes[i].key, name))
                        return &changes[i];
        return NULL;
}

bool permit_tokens(struct call *c, const struct change *changes, size_t count)
{
        const struct model *m = snapshot_current()->model;
        const char *gone = NULL;

        for (uint32_t i = 0; i < m->count[KIND_TOKENS]; i++) {
                if (!is_lasting(&m->tokens[i]))
                        continue;
                if (!change_of_token(changes, count, m->tokens[i].name))
                        return true;
                gone = m->tokens[i].name;
        }
        if (!gone || makes_lasting(changes, count))
                return true;
        reply_problem(c, 409,
                      "tokens[%s] is the last one of role admin without an end: make another first, "
                      "`gslbctl token create NAME --role admin`",
                      gone);
        return false;
}
