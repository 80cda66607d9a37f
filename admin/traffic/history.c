#include "admin/traffic/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/buffer.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "zones/store/journal.h"

#define FIELDS           4
#define LINE_MAX_        1400 /* four names and a number */
#define NAMES_MOST       100000u
#define ENTRIES_A_MINUTE 8 /* of the journal, at most: more lines than that are not written */

/* Names that stand together, and in how many minutes. */
struct joined {
        char *text; /* of FIELDS names, a tab between */
        uint32_t uses;
};

struct minute_item {
        uint32_t joined;
        uint32_t answers;
};

struct minute {
        uint32_t minute, count;
        struct minute_item *items;
};

struct history {
        struct journal *journal; /* NULL: nothing is on disk */
        struct map *by_text;     /* index + 1 of joined */
        struct joined *joined;
        uint32_t joined_count, joined_room;
        uint32_t *free; /* of those, without use */
        uint32_t free_count;
        struct minute minutes[HISTORY_MINUTES]; /* by minute modulo */
        uint32_t newest;
};

/* --- names --- */

static uint32_t joined_take(struct history *h, const char *text)
{
        uintptr_t known = (uintptr_t)map_get(h->by_text, text);

        if (known) {
                h->joined[known - 1].uses++;
                return (uint32_t)known - 1;
        }
        if (!h->free_count && h->joined_count == h->joined_room) {
                h->joined_room = h->joined_room ? 2 * h->joined_room : 256;
                h->joined = memory_resize(h->joined, h->joined_room * sizeof(*h->joined));
                h->free = memory_resize(h->free, h->joined_room * sizeof(*h->free));
        }
        uint32_t at = h->free_count ? h->free[--h->free_count] : h->joined_count++;
        h->joined[at] = (struct joined){memory_strdup(text), 1};
        map_set(h->by_text, text, (void *)(uintptr_t)(at + 1));
        return at;
}

static void joined_drop(struct history *h, uint32_t at)
{
        struct joined *j = &h->joined[at];

        if (--j->uses)
                return;
        map_remove(h->by_text, j->text);
        free(j->text);
        j->text = NULL;
        h->free[h->free_count++] = at;
}

/* --- minutes --- */

static void minute_clear(struct history *h, struct minute *m)
{
        for (uint32_t i = 0; i < m->count; i++)
                joined_drop(h, m->items[i].joined);
        free(m->items);
        *m = (struct minute){0};
}

/* The place of a minute; what stood there a day before goes. NULL: it is too long ago. */
static struct minute *minute_open(struct history *h, uint32_t minute)
{
        struct minute *m = &h->minutes[minute % HISTORY_MINUTES];

        if (minute + HISTORY_MINUTES <= h->newest)
                return NULL;
        for (uint32_t i = 0; i < HISTORY_MINUTES && h->newest < minute; i++) {
                uint32_t past = minute - i;
                struct minute *old = &h->minutes[past % HISTORY_MINUTES];
                if (past > h->newest && old->minute && old->minute != past)
                        minute_clear(h, old);
        }
        if (minute > h->newest)
                h->newest = minute;
        m->minute = minute;
        return m;
}

static void minute_put(struct history *h, struct minute *m, const char *text, uint32_t answers)
{
        if (h->joined_count - h->free_count >= NAMES_MOST && !map_get(h->by_text, text))
                text = "\t\t\t";
        uint32_t at = joined_take(h, text);
        m->items = memory_resize(m->items, (m->count + 1) * sizeof(*m->items));
        m->items[m->count++] = (struct minute_item){at, answers};
}

/* --- on disk: an entry is the minute, then a line for each --- */

/* Takes the next line out of what is left; false: there is none that is whole. */
static bool next_line(const char **at, const char *end, char line[LINE_MAX_])
{
        const char *newline = *at < end ? memchr(*at, '\n', (size_t)(end - *at)) : NULL;

        if (!newline || newline - *at >= LINE_MAX_)
                return false;
        memcpy(line, *at, (size_t)(newline - *at));
        line[newline - *at] = '\0';
        *at = newline + 1;
        return true;
}

static bool read_number(const char *text, uint32_t *out)
{
        char *end;
        unsigned long long value = strtoull(text, &end, 10);

        *out = (uint32_t)value;
        return end != text && !*end && value <= UINT32_MAX;
}

/* "service\tregion\tpool\tendpoint\t123": cuts the number off. */
static bool read_line(char *line, uint32_t *answers)
{
        unsigned tabs = 0;
        char *last = NULL;

        for (char *c = line; *c; c++)
                if (*c == '\t') {
                        tabs++;
                        last = c;
                }
        if (tabs != FIELDS || !read_number(last + 1, answers))
                return false;
        *last = '\0';
        return true;
}

static bool read_entry(void *context, uint64_t number, const void *data, size_t length)
{
        struct history *h = context;
        const char *at = data, *end = at + length;
        char line[LINE_MAX_];
        uint32_t minute, answers;

        if (!next_line(&at, end, line) || !read_number(line, &minute) || minute > h->newest)
                return true; /* of another format, or of a clock that was wrong */
        struct minute *m = minute_open(h, minute);
        while (m && next_line(&at, end, line))
                if (read_line(line, &answers))
                        minute_put(h, m, line, answers);
        return true;
}

static void write_minute(struct history *h, const struct minute *m, uint32_t from)
{
        struct buffer b = BUFFER_INIT(JOURNAL_ENTRY_MAX);
        unsigned entries = 0;

        for (uint32_t i = from; i < m->count && entries < ENTRIES_A_MINUTE; i++) {
                const char *text = h->joined[m->items[i].joined].text;
                if (b.length + strlen(text) + 12 > JOURNAL_ENTRY_MAX) {
                        journal_append(h->journal, b.data, b.length);
                        buffer_clear(&b);
                        entries++;
                }
                if (!b.length)
                        buffer_printf(&b, "%u\n", m->minute);
                buffer_printf(&b, "%s\t%u\n", text, m->items[i].answers);
        }
        if (b.length && entries < ENTRIES_A_MINUTE)
                journal_append(h->journal, b.data, b.length);
        buffer_free(&b);
}

static struct journal *open_journal(const char *path)
{
        char error[JOURNAL_ERROR_MAX], *aside;
        bool damaged;
        struct journal *j = journal_open(path, HISTORY_MINUTES * ENTRIES_A_MINUTE, &damaged, error, sizeof(error));

        if (!j && damaged) {
                log_error("traffic", "%s", error);
                aside = memory_printf("%s.%lld.damaged", path, (long long)(clock_wall_ms() / 1000));
                if (!rename(path, aside))
                        j = journal_open(path, HISTORY_MINUTES * ENTRIES_A_MINUTE, &damaged, error, sizeof(error));
                free(aside);
        }
        if (!j)
                log_error("traffic", "what goes where is not kept over a restart: %s", error);
        return j;
}

struct history *history_open(const char *path, uint32_t minute)
{
        struct history *h = memory_alloc(sizeof(*h));
        char error[JOURNAL_ERROR_MAX];

        h->by_text = map_new();
        h->newest = minute;
        if (path)
                h->journal = open_journal(path);
        if (h->journal && !journal_each(h->journal, 0, read_entry, h, error, sizeof(error)))
                log_error("traffic", "%s", error);
        return h;
}

void history_close(struct history *h)
{
        if (!h)
                return;
        journal_close(h->journal);
        for (uint32_t i = 0; i < HISTORY_MINUTES; i++)
                minute_clear(h, &h->minutes[i]);
        map_free(h->by_text);
        free(h->joined);
        free(h->free);
        free(h);
}

/* --- adding and asking --- */

static const char *name_or_none(const char *name)
{
        return name ? name : "";
}

/* The clock went back by more than is kept: what it was before never was. */
static void forget_ahead(struct history *h, uint32_t minute)
{
        for (uint32_t i = 0; i < HISTORY_MINUTES; i++)
                if (h->minutes[i].minute > minute)
                        minute_clear(h, &h->minutes[i]);
        h->newest = minute;
}

void history_add(struct history *h, uint32_t minute, const struct went *list, size_t count)
{
        char text[LINE_MAX_];

        if (minute + HISTORY_MINUTES <= h->newest)
                forget_ahead(h, minute);
        struct minute *m = minute_open(h, minute);
        uint32_t from = m->count;
        for (size_t i = 0; i < count; i++) {
                const struct went *w = &list[i];
                uint64_t answers = w->answers < UINT32_MAX ? w->answers : UINT32_MAX;
                int length = snprintf(text, sizeof(text), "%s\t%s\t%s\t%s", name_or_none(w->service),
                                      name_or_none(w->region), name_or_none(w->pool), name_or_none(w->endpoint));
                minute_put(h, m, length < LINE_MAX_ - 12 ? text : "\t\t\t", (uint32_t)answers);
        }
        if (h->journal)
                write_minute(h, m, from);
}

/* The names of a joined text, which is cut into them. */
static struct went split(char *text)
{
        const char *names[FIELDS];

        for (int i = 0; i < FIELDS; i++) {
                char *tab = strchr(text, '\t');
                names[i] = text;
                if (tab) {
                        *tab = '\0';
                        text = tab + 1;
                }
        }
        return (struct went){names[0], names[1], names[2], names[3], 0};
}

void history_each(const struct history *h, uint32_t since, history_visit *visit, void *context)
{
        uint64_t *sums = memory_alloc((h->joined_count + 1) * sizeof(*sums));
        char text[LINE_MAX_];

        for (uint32_t i = 0; i < HISTORY_MINUTES; i++)
                for (uint32_t k = 0; h->minutes[i].minute >= since && k < h->minutes[i].count; k++)
                        sums[h->minutes[i].items[k].joined] += h->minutes[i].items[k].answers;
        for (uint32_t i = 0; i < h->joined_count; i++) {
                if (!sums[i])
                        continue;
                snprintf(text, sizeof(text), "%s", h->joined[i].text);
                struct went w = split(text);
                w.answers = sums[i];
                visit(context, &w);
        }
        free(sums);
}

uint32_t history_first(const struct history *h)
{
        uint32_t first = 0;

        for (uint32_t i = 0; i < HISTORY_MINUTES; i++)
                if (h->minutes[i].minute && (!first || h->minutes[i].minute < first))
                        first = h->minutes[i].minute;
        return first;
}
