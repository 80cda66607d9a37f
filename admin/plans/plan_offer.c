#include "admin/plans/plan_offer.h"

#include <stdio.h>
#include <stdlib.h>
#include "base/buffer.h"
#include "base/hash.h"
#include "base/memory.h"

#define PLAN_TEXT_MAX ((size_t)256 << 20) /* what a prober reads */
#define EVERYBODY     ""                  /* no name of a prober */

struct plan_offers {
        const struct plan *plan;
        bool alike;        /* no check is for some probers alone */
        struct map *texts; /* by prober, or EVERYBODY: struct plan_text, owned */
};

struct plan_offers *plan_offers_new(void)
{
        struct plan_offers *o = memory_alloc(sizeof(*o));

        o->texts = map_new();
        return o;
}

static void free_texts(struct plan_offers *o)
{
        const char *name;
        void *value;

        for (size_t at = 0; map_next(o->texts, &at, &name, &value);) {
                free(((struct plan_text *)value)->text);
                free(value);
        }
        map_free(o->texts);
}

void plan_offers_free(struct plan_offers *o)
{
        if (!o)
                return;
        free_texts(o);
        free(o);
}

void plan_offers_set(struct plan_offers *o, const struct plan *plan)
{
        free_texts(o);
        o->texts = map_new();
        o->plan = plan;
        o->alike = true;
        for (uint32_t i = 0; i < plan->count; i++)
                o->alike &= !plan->checks[i].prober_count;
}

static struct plan_text *make(const struct plan *plan, const char *prober)
{
        struct arena *a = arena_new(0);
        struct doc *d = plan_to_doc(plan, prober, a);
        struct buffer b = BUFFER_INIT(PLAN_TEXT_MAX);
        struct plan_text *t = memory_alloc(sizeof(*t));

        buffer_printf(&b, "{\"revision\":%llu,", (unsigned long long)plan->revision);
        size_t checked = b.length;
        buffer_text(&b, "\"monitors\":");
        doc_write_json(doc_get(d, "monitors"), &b, 0);
        buffer_text(&b, ",\"checks\":");
        doc_write_json(doc_get(d, "checks"), &b, 0);
        buffer_text(&b, "}");
        arena_free(a);
        snprintf(t->tag, sizeof(t->tag), "\"%016llx%016llx\"",
                 (unsigned long long)hash_bytes(b.data + checked, b.length - checked, 1),
                 (unsigned long long)hash_bytes(b.data + checked, b.length - checked, 2));
        t->length = b.overflow ? 0 : b.length;
        t->text = buffer_take(&b);
        return t;
}

const struct plan_text *plan_offer(struct plan_offers *o, const char *prober)
{
        const char *key = o->alike ? EVERYBODY : prober;
        struct plan_text *t = map_get(o->texts, key);

        if (!t) {
                t = make(o->plan, prober);
                map_set(o->texts, key, t);
        }
        return t;
}
