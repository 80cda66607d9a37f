#include "admin/asking/health_then.h"

#include <stdlib.h>
#include <string.h>
#include "base/arena.h"
#include "base/clock.h"
#include "base/documents/doc.h"
#include "base/hash.h"
#include "base/memory.h"
#include "zones/store/journal.h"

#define STEP 250 /* events, while nobody else may look into the journal: a millisecond or two */

/* What the events so far tell of one endpoint. */
struct then_entry {
        struct health_word word;
        bool told;  /* the word is known */
        bool after; /* an event after that time was seen */
};

struct health_then {
        struct map *of; /* struct then_entry *, owned, by "pool/endpoint" */
        int64_t at_ms, since_ms;
};

/* An event of health. */
struct health_event {
        const char *id;
        enum verdict_state state, before;
        int64_t time_ms, lasted_ms; /* wall time; how long it was as before */
};

static bool state_called(const char *word, enum verdict_state *state)
{
        for (enum verdict_state s = VERDICT_UNKNOWN; s <= VERDICT_DOWN; s++)
                if (word && !strcmp(word, verdict_state_name(s))) {
                        *state = s;
                        return true;
                }
        return false;
}

static int64_t time_of(const struct doc *event)
{
        const char *time = doc_get_string(event, "time");
        int64_t ms;

        return time && clock_parse(time, &ms) ? ms : 0;
}

static bool is_of_health(const struct doc *d, struct health_event *e)
{
        e->id = doc_get_string(d, "endpoint");
        e->time_ms = time_of(d);
        return e->id && e->time_ms && doc_get_int(d, "lasted_ms", &e->lasted_ms) &&
               state_called(doc_get_string(d, "state"), &e->state) &&
               state_called(doc_get_string(d, "before"), &e->before);
}

/* What was before an event lasted since before that time, or began later: when gslbd was started in between, or the
 * endpoint checked in another way, that tells nothing of then. */
static void take_later(struct then_entry *e, const struct health_event *event, int64_t at_ms)
{
        if (e->after)
                return;
        e->after = true;
        if (event->time_ms - event->lasted_ms > at_ms)
                return;
        if (!e->told || e->word.state != event->before)
                e->word = (struct health_word){.state = event->before};
        e->told = true;
}

static void take_event(struct health_then *h, const struct health_event *event)
{
        struct then_entry *e = map_get(h->of, event->id);

        if (!e) {
                e = memory_alloc(sizeof(*e));
                map_set(h->of, event->id, e);
        }
        if (event->time_ms > h->at_ms) {
                take_later(e, event, h->at_ms);
                return;
        }
        bool came = event->before == VERDICT_DOWN && event->state == VERDICT_UP;
        e->word = (struct health_word){event->state, came ? event->time_ms : 0};
        e->told = true;
}

/* Some of the journal. */
struct then_step {
        struct health_then *health;
        struct arena *arena;
        uint64_t last;
        unsigned looked;
};

static bool take_entry(void *context, uint64_t number, const void *data, size_t length)
{
        struct then_step *s = context;
        struct problems problems = PROBLEMS_INIT;
        struct health_event event;

        if (s->looked++ == STEP)
                return false;
        s->last = number;
        const struct doc *d = doc_parse(s->arena, data, length, DOC_JSON, &problems);
        problems_free(&problems);
        if (!d || d->type != DOC_MAP)
                return true;
        if (!s->health->since_ms)
                s->health->since_ms = time_of(d);
        if (is_of_health(d, &event))
                take_event(s->health, &event);
        return true;
}

struct health_then *health_then_read(struct journal *journal, int64_t wall_ms)
{
        struct health_then *h = memory_alloc(sizeof(*h));
        struct then_step s = {.health = h, .looked = STEP + 1};
        char error[JOURNAL_ERROR_MAX];

        *h = (struct health_then){.of = map_new(), .at_ms = wall_ms};
        while (journal && s.looked > STEP) {
                s.looked = 0;
                s.arena = arena_new(0);
                bool good = journal_each(journal, s.last, take_entry, &s, error, sizeof(error));
                arena_free(s.arena);
                if (!good) /* what was read so far is told; what could not be, is not known */
                        break;
        }
        return h;
}

void health_then_free(struct health_then *h)
{
        const char *id;
        void *entry;

        if (!h)
                return;
        for (size_t at = 0; map_next(h->of, &at, &id, &entry);)
                free(entry);
        map_free(h->of);
        free(h);
}

int64_t health_then_since(const struct health_then *h)
{
        return h->since_ms;
}

enum health_told health_then_of(const struct health_then *h, const char *id, struct health_word *word)
{
        const struct then_entry *e = map_get(h->of, id);

        if (e && e->told) {
                *word = e->word;
                return THEN_TOLD;
        }
        return !e && h->since_ms && h->since_ms <= h->at_ms ? THEN_AS_NOW : THEN_UNKNOWN;
}
