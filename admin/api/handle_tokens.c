/* Making tokens: the secret is told once. */
#include <string.h>
#include "admin/http/auth.h"
#include "admin/api/handlers.h"

void handle_token_create(struct call *c)
{
        char secret[TOKEN_SECRET_MAX], hash[TOKEN_HASH_MAX], key[200];
        struct problems problems = PROBLEMS_INIT;
        struct doc *d = call_body(c), *extra = doc_new(c->arena, DOC_MAP);
        struct token decoded;

        if (!d)
                return;
        token_make(secret, hash);
        if (d->type == DOC_MAP && doc_get(d, "hash"))
                doc_problem(&problems, d, "hash", "is made here; leave it out");
        else if (d->type == DOC_MAP)
                doc_set(d, "hash", doc_string(c->arena, hash));
        if (!problems.count && schema_decode(kind_schema(KIND_TOKENS), d, c->arena, &decoded, &problems))
                kind_key(KIND_TOKENS, d, key, sizeof(key), &problems);
        if (!problems.count && decoded.role == ROLE_PROBER && !decoded.prober)
                doc_problem(&problems, d, "prober", "role prober needs the prober's name");
        bool good = !problems.count;
        if (!good)
                reply_problems(c, 422, "the document is not valid", &problems);
        problems_free(&problems);
        if (!good)
                return;
        if (model_find(snapshot_current()->model, KIND_TOKENS, key) != MODEL_NONE) {
                reply_problem(c, 409, "tokens[%s] exists already; delete it first", key);
                return;
        }
        doc_add_string(c->arena, extra, "name", key);
        doc_add_string(c->arena, extra, "role", role_name((enum role)decoded.role));
        doc_add_string(c->arena, extra, "secret", secret);
        struct change change = {KIND_TOKENS, key, d};
        reply_change(c, &change, 1, call_query(c, "comment"), 201, extra, NULL);
}
