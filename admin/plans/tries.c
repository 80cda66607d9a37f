#include "admin/plans/tries.h"

#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/memory.h"

struct tries {
        struct try *list[TRIES_MOST]; /* the oldest first */
        uint32_t count;
};

struct tries *tries_new(void)
{
        return memory_alloc(sizeof(struct tries));
}

static void try_free(struct try *t)
{
        for (uint32_t i = 0; i < t->count; i++)
                free((char *)t->answers[i].prober);
        free(t->answers);
        free((char *)t->id);
        free(t);
}

void tries_free(struct tries *t)
{
        if (!t)
                return;
        for (uint32_t i = 0; i < t->count; i++)
                try_free(t->list[i]);
        free(t);
}

static bool is_open(const struct try *t, uint64_t now_ms)
{
        return !t->over && now_ms < t->until_ms;
}

/* --- asking --- */

/* Makes room by the oldest that is over. */
static bool make_room(struct tries *t, uint64_t now_ms)
{
        if (t->count < TRIES_MOST)
                return true;
        for (uint32_t i = 0; i < t->count; i++) {
                if (is_open(t->list[i], now_ms) || now_ms - t->list[i]->asked_ms < TRIES_APART_MS)
                        continue;
                try_free(t->list[i]);
                memmove(&t->list[i], &t->list[i + 1], (--t->count - i) * sizeof(*t->list));
                return true;
        }
        return false;
}

const struct try *tries_ask(struct tries *t, const char *id, uint64_t open_ms, uint64_t now_ms, uint64_t *wait_ms)
{
        *wait_ms = 0;
        for (uint32_t i = 0; i < t->count; i++)
                if (!strcmp(t->list[i]->id, id) && now_ms - t->list[i]->asked_ms < TRIES_APART_MS)
                        *wait_ms = TRIES_APART_MS - (now_ms - t->list[i]->asked_ms);
        if (*wait_ms || !make_room(t, now_ms))
                return NULL;
        struct try *one = memory_alloc(sizeof(*one));
        *one = (struct try){.id = memory_strdup(id),
                            .number = report_boot() + 1,
                            .since_ms = clock_wall_ms(),
                            .asked_ms = now_ms,
                            .until_ms = now_ms + open_ms};
        t->list[t->count++] = one;
        return one;
}

const struct try *tries_find(const struct tries *t, const char *id, uint64_t number)
{
        for (uint32_t i = 0; i < t->count; i++)
                if (t->list[i]->number == number && !strcmp(t->list[i]->id, id))
                        return t->list[i];
        return NULL;
}

void tries_end(struct tries *t, const struct try *one)
{
        for (uint32_t i = 0; i < t->count; i++)
                if (t->list[i] == one)
                        t->list[i]->over = true;
}

/* --- telling --- */

static struct try_answer *answer_of(struct try *t, const char *prober)
{
        for (uint32_t i = 0; i < t->count; i++)
                if (!strcmp(t->answers[i].prober, prober))
                        return &t->answers[i];
        return NULL;
}

static void note_told(struct try *t, const char *prober)
{
        if (answer_of(t, prober))
                return;
        t->answers = memory_resize(t->answers, (t->count + 1) * sizeof(*t->answers));
        t->answers[t->count++] = (struct try_answer){.prober = memory_strdup(prober)};
}

static bool is_among(const struct try_asked *list, uint32_t count, const char *id)
{
        while (count--)
                if (!strcmp(list[count].id, id))
                        return true;
        return false;
}

uint32_t tries_tell(struct tries *t, const char *prober, tries_does *does, void *context, uint64_t now_ms,
                    struct try_asked list[TRIES_MOST])
{
        uint32_t count = 0;

        for (uint32_t i = t->count; i--;) {
                struct try *one = t->list[i];
                const struct try_answer *a = answer_of(one, prober);
                if (!is_open(one, now_ms) || (a && a->of.done) || !does(context, prober, one->id))
                        continue;
                note_told(one, prober);
                if (!is_among(list, count, one->id))
                        list[count++] = (struct try_asked){one->id, one->number};
        }
        return count;
}

/* --- hearing --- */

static void hear(struct try_answer *a, const struct tried *said)
{
        a->heard = true;
        if (said->done && !a->of.done)
                a->of = *said;
        a->of.id = NULL; /* it is the report's */
}

/* Of the try that it names, and of those of the same check before it. */
static void take_one(struct tries *t, const char *prober, const struct tried *said)
{
        uint32_t i = t->count;

        while (i && !(t->list[i - 1]->number == said->number && !strcmp(t->list[i - 1]->id, said->id)))
                i--;
        while (i--) {
                struct try_answer *a = strcmp(t->list[i]->id, said->id) ? NULL : answer_of(t->list[i], prober);
                if (a)
                        hear(a, said);
        }
}

void tries_take(struct tries *t, const struct report *report)
{
        for (uint32_t i = 0; i < t->count; i++) {
                struct try_answer *a = answer_of(t->list[i], report->prober);
                if (a && a->deaf < UINT32_MAX)
                        a->deaf++;
        }
        for (uint32_t i = 0; i < report->tried_count; i++)
                take_one(t, report->prober, &report->tried[i]);
}
