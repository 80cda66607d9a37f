#include "admin/plans/plan_offer.h"

#include <stdio.h>
#include <stdlib.h>
#include "base/buffer.h"
#include "base/hash.h"
#include "base/memory.h"

#define PLAN_TEXT_MAX ((size_t)256 << 20) /* what a prober reads */

struct plan_offers {
        struct map *texts;            /* of whole plans, by tag: struct plan_text, owned */
        struct plan_text *difference; /* the one that was asked for last */
};

struct plan_offers *plan_offers_new(void)
{
        struct plan_offers *o = memory_alloc(sizeof(*o));

        o->texts = map_new();
        return o;
}

static void text_free(struct plan_text *t)
{
        if (!t)
                return;
        free(t->text);
        free(t);
}

static void free_texts(struct plan_offers *o)
{
        const char *tag;
        void *value;

        for (size_t at = 0; map_next(o->texts, &at, &tag, &value);)
                text_free(value);
        map_free(o->texts);
}

void plan_offers_free(struct plan_offers *o)
{
        if (!o)
                return;
        free_texts(o);
        text_free(o->difference);
        free(o);
}

void plan_offers_change(struct plan_offers *o)
{
        free_texts(o);
        o->texts = map_new();
}

static struct plan_text *text_of(const struct plan *plan, const char *tag)
{
        struct arena *a = arena_new(0);
        struct buffer b = BUFFER_INIT(PLAN_TEXT_MAX);
        struct plan_text *t = memory_alloc(sizeof(*t));

        doc_write_json(plan_to_doc(plan, a), &b, 0);
        arena_free(a);
        snprintf(t->tag, sizeof(t->tag), "%s", tag);
        t->length = b.overflow ? 0 : b.length;
        t->text = buffer_take(&b);
        return t;
}

/* NULL: there is none, or the whole is shorter. */
static struct plan *difference_since(const struct roster *r, const char *prober, const char *since)
{
        struct plan_digest had;
        struct plan *d = since && digest_read(since, &had) ? roster_since(r, prober, had) : NULL;

        if (!d || d->count + d->gone_count <= roster_count(r))
                return d;
        plan_free(d);
        return NULL;
}

const struct plan_text *plan_offer(struct plan_offers *o, const struct roster *r, const char *prober, const char *since)
{
        struct plan *plan = difference_since(r, prober, since);
        char tag[PLAN_TAG_MAX];
        struct plan_text *t;

        digest_write(roster_digest(r, prober), tag);
        if (plan) {
                text_free(o->difference);
                t = o->difference = text_of(plan, tag);
        } else if (!(t = map_get(o->texts, tag))) {
                plan = roster_plan(r, prober);
                t = text_of(plan, tag);
                map_set(o->texts, tag, t);
        }
        plan_free(plan);
        return t;
}
