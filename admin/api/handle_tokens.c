/* Making tokens: the secret is told once. */
#include <string.h>
#include "admin/http/auth.h"
#include "admin/api/handlers.h"

void handle_token_create(struct call *c)
{
        char secret[TOKEN_SECRET_MAX], hash[TOKEN_HASH_MAX], key[200];
        struct doc *d = call_body(c), *extra = doc_new(c->arena, DOC_MAP);
        struct token decoded;

        if (!d)
                return;
        token_make(secret, hash);
        if (d->type == DOC_MAP && doc_get(d, "hash"))
                doc_problem(&c->problems, d, "hash", "is made here; leave it out");
        else if (d->type == DOC_MAP)
                doc_set(d, "hash", doc_string(c->arena, hash));
        if (!c->problems.count && schema_decode(kind_schema(KIND_TOKENS), d, c->arena, &decoded, &c->problems))
                kind_key(KIND_TOKENS, d, key, sizeof(key), &c->problems);
        if (!c->problems.count && decoded.role == ROLE_PROBER && !decoded.prober)
                doc_problem(&c->problems, d, "prober", "role prober needs the prober's name");
        if (!call_valid(c))
                return;
        if (model_find(snapshot_current()->model, KIND_TOKENS, key) != MODEL_NONE) {
                reply_problem(c, 409, "tokens[%s] exists already; delete it first", key);
                return;
        }
        doc_add_string(c->arena, extra, "name", key);
        doc_add_string(c->arena, extra, "role", role_name((enum role)decoded.role));
        if (!call_is_dry(c))
                doc_add_string(c->arena, extra, "secret", secret);
        struct change change = {KIND_TOKENS, key, d};
        reply_change(c, &change, 1, call_text(c, PARAMETER_COMMENT), 201, extra, NULL);
}
