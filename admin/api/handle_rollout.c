/* What gslbd does about changes later: confirms. */
#include "admin/api/api_private.h"
#include "admin/api/handlers.h"
#include "admin/rollout/rollouts.h"

void handle_confirm_list(struct call *c)
{
        struct doc *d = doc_new(c->arena, DOC_MAP);

        doc_add(d, "items", rollouts_confirms(c->api->rollouts, c->arena));
        doc_add_string(c->arena, d, "next", NULL);
        reply_doc(c, 200, d);
}

void handle_confirm(struct call *c)
{
        struct change change = {KIND_CONFIRMS, c->parts[0], NULL};
        const char *comment = call_text(c, PARAMETER_COMMENT);

        if (!call_read(c))
                return;
        bool there = store_has(c->txn, KIND_CONFIRMS, change.key);
        if (!call_read_end(c))
                return;
        if (there)
                reply_change(c, &change, 1,
                             comment ? comment : arena_printf(c->arena, "confirm revision %s", change.key), 200, NULL,
                             NULL);
        else
                reply_problem(c, 404,
                              "revision \"%s\" does not wait for a confirmation; `gslbctl confirms` lists what does",
                              change.key);
}
