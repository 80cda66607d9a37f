#include "zones/config/hold.h"

#include "base/clock.h"

struct doc *hold_document(const struct hold *h, struct arena *a)
{
        struct doc *d = doc_new(a, DOC_MAP);
        char time[CLOCK_TEXT_MAX];

        doc_add_string(a, d, "name", h->name);
        doc_add_string(a, d, "since", clock_format(h->since_ms, time));
        if (h->until_ms)
                doc_add_string(a, d, "until", clock_format(h->until_ms, time));
        doc_add_string(a, d, "reason", h->reason);
        doc_add_string(a, d, "by", h->by);
        return d;
}

const struct failback_rule *endpoint_failback(const struct model *m, const struct endpoint *e)
{
        return e->failback.given ? &e->failback : &m->pools[e->pool]->failback;
}
