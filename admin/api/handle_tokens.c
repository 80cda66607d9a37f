/* Tokens: the secret is told once. */
#include <string.h>
#include "admin/api/handlers.h"
#include "admin/http/auth.h"
#include "base/clock.h"

#define FOR_MAX_MS ((int64_t)3650 * 86400000)

/* "for" is how long it is good; what is stored is when it ends. */
static void take_for(struct call *c, struct doc *d)
{
        struct doc *duration = doc_get(d, "for");
        char time[CLOCK_TEXT_MAX];
        int64_t ms;

        if (!duration)
                return;
        if (doc_get(d, "until"))
                doc_problem(&c->problems, d, "for", "goes without \"until\"");
        else if (duration->type != DOC_STRING || !duration_parse(duration->string, &ms) || ms < 1000 || ms > FOR_MAX_MS)
                doc_problem(&c->problems, d, "for", "expected a duration such as 30d, from 1s to 3650d");
        else
                doc_set(d, "until", doc_string(c->arena, clock_format(clock_wall_ms() + ms, time)));
        if (!c->problems.count)
                doc_remove(d, duration);
}

void handle_token_create(struct call *c)
{
        char secret[TOKEN_SECRET_MAX], hash[TOKEN_HASH_MAX], key[200], time[CLOCK_TEXT_MAX];
        struct doc *d = call_body(c), *extra = doc_new(c->arena, DOC_MAP);
        struct token decoded;

        if (!d)
                return;
        token_make(secret, hash);
        if (d->type == DOC_MAP && doc_get(d, "hash"))
                doc_problem(&c->problems, d, "hash", "is made here; leave it out");
        else if (d->type == DOC_MAP)
                doc_set(d, "hash", doc_string(c->arena, hash));
        if (d->type == DOC_MAP)
                take_for(c, d);
        if (!c->problems.count && schema_decode(kind_schema(KIND_TOKENS), d, c->arena, &decoded, &c->problems))
                kind_key(KIND_TOKENS, d, key, sizeof(key), &c->problems);
        if (!c->problems.count && decoded.until_ms && decoded.until_ms <= clock_wall_ms())
                doc_problem(&c->problems, d, "until", "is over already");
        if (!call_valid(c))
                return;
        if (model_find(snapshot_current()->model, KIND_TOKENS, key) != MODEL_NONE) {
                reply_problem(c, 409, "tokens[%s] exists already; delete it first", key);
                return;
        }
        doc_add_string(c->arena, extra, "name", key);
        doc_add_string(c->arena, extra, "role", role_name((enum role)decoded.role));
        if (decoded.until_ms)
                doc_add_string(c->arena, extra, "until", clock_format(decoded.until_ms, time));
        if (!call_is_dry(c))
                doc_add_string(c->arena, extra, "secret", secret);
        struct change change = {KIND_TOKENS, key, d};
        reply_change(c, &change, 1, call_text(c, PARAMETER_COMMENT), 201, extra, NULL);
}

void token_present(struct call *c, struct doc *d)
{
        const struct model *m = snapshot_current()->model;
        const char *name = doc_get_string(d, "name");
        uint32_t i = name ? model_find(m, KIND_TOKENS, name) : MODEL_NONE;
        char time[CLOCK_TEXT_MAX];

        if (doc_get(d, "hash"))
                doc_remove(d, doc_get(d, "hash"));
        if (i == MODEL_NONE)
                return;
        int64_t last = control_token_last_used(c->control, m->tokens[i]);
        if (last)
                doc_add_string(c->arena, d, "last_used", clock_format(last, time));
        if (m->tokens[i]->until_ms)
                doc_add_bool(c->arena, d, "ended", m->tokens[i]->until_ms <= clock_wall_ms());
}
