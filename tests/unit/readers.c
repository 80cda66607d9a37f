#include "tests/unit/readers.h"

#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/rcu.h"
#include "tests/unit/must.h"
#include "tests/unit/questions.h"

#define READERS    2
#define TABLES     32  /* of answers that readers may still compare with */
#define SURPRISES  64  /* answers that a reader keeps for judgement */
#define SHOWN      160 /* bytes of a reply in a failure */
#define SORT_BITS  5
#define SORT(hash) ((hash) & ((1u << SORT_BITS) - 1))

/* table[e % TABLES] holds the answers after effect e, as hashes. While effect e goes on, epoch is e: an answer that was
 * asked for between epochs a and b is one of the tables a - 1 to b. Those that are not the one before are kept until
 * the tables are there to tell. */

struct surprise {
        unsigned question;
        uint64_t hash, from, to;
        size_t length;
        uint8_t reply[SHOWN];
};

struct asker {
        pthread_t thread;
        unsigned number;
        pthread_mutex_t lock;
        struct surprise surprises[SURPRISES];
        unsigned count;
        uint64_t asked;
};

static struct asker readers[READERS];
static uint64_t *table[TABLES];
static enum effect effects[TABLES];
static uint64_t epoch = 1; /* atomic */
static bool stopping;      /* atomic */
static unsigned long long between;

/* Its last bits are the sort of answer: the code, and whether there are any records. */
static uint64_t answer_hash(struct questioner *q, unsigned question, const struct snapshot *s)
{
        question_ask(q, question, s);
        uint64_t hash = hash_bytes(q->reply, q->length, 7) >> SORT_BITS << SORT_BITS;
        if (q->length < 12)
                return hash;
        return hash | (uint64_t)(q->reply[3] & 15) << 1 | (q->reply[6] | q->reply[7] ? 1 : 0);
}

static void keep(struct asker *r, const struct surprise *s)
{
        pthread_mutex_lock(&r->lock);
        if (r->count < SURPRISES)
                r->surprises[r->count++] = *s;
        pthread_mutex_unlock(&r->lock);
}

static void ask_one(struct asker *r, struct questioner *q, struct random *random)
{
        struct surprise s = {.question = random_below(random, questions_count())};

        s.from = __atomic_load_n(&epoch, __ATOMIC_SEQ_CST);
        s.hash = answer_hash(q, s.question, snapshot_current());
        s.to = __atomic_load_n(&epoch, __ATOMIC_SEQ_CST);
        if (s.hash != __atomic_load_n(&table[(s.from - 1) % TABLES][s.question], __ATOMIC_RELAXED)) {
                s.length = q->length;
                memcpy(s.reply, q->reply, q->length < SHOWN ? q->length : SHOWN);
                keep(r, &s);
        }
        __atomic_fetch_add(&r->asked, 1, __ATOMIC_RELAXED);
}

static void *read_on(void *context)
{
        struct asker *r = context;
        struct questioner *q = questioner_new();
        struct random random;

        random_seed(&random, 1000 + r->number);
        rcu_join();
        while (!__atomic_load_n(&stopping, __ATOMIC_ACQUIRE)) {
                for (unsigned i = 0; i < 200; i++)
                        ask_one(r, q, &random);
                rcu_offline();
                usleep(300); /* leaves the machine to others: what counts is that somebody asks at any time */
                rcu_online();
        }
        rcu_leave();
        free(q);
        return NULL;
}

static void make_table(uint64_t e)
{
        static struct questioner *q;

        q = q ? q : questioner_new();
        for (unsigned n = 0; n < questions_count(); n++)
                __atomic_store_n(&table[e % TABLES][n], answer_hash(q, n, snapshot_current()), __ATOMIC_RELAXED);
}

/* --- judgement --- */

static bool was_true(const struct surprise *s)
{
        bool by_pools = false;

        if (s->from - 1 + TABLES <= epoch + 1) /* too late to tell */
                return true;
        for (uint64_t e = s->from - 1; e <= s->to; e++) {
                if (table[e % TABLES][s->question] == s->hash)
                        return true;
                if (e >= s->from && effects[e % TABLES] == EFFECT_ANY)
                        return true;
                by_pools |= e >= s->from && effects[e % TABLES] == EFFECT_BY_POOLS;
        }
        for (uint64_t e = s->from - 1; by_pools && e <= s->to; e++)
                if (SORT(table[e % TABLES][s->question]) == SORT(s->hash))
                        return true;
        return false;
}

/* No assertion while the lock is held: the thread could not end. */
static bool find_wrong(struct asker *r, struct surprise *wrong)
{
        bool found = false;

        pthread_mutex_lock(&r->lock);
        between += r->count;
        for (; r->count && !found; r->count--) {
                *wrong = r->surprises[r->count - 1];
                found = !was_true(wrong);
        }
        pthread_mutex_unlock(&r->lock);
        return found;
}

static void judge(struct asker *r, const char *what_was_done)
{
        struct surprise s;
        char hex[2 * SHOWN + 1] = "";

        if (!find_wrong(r, &s))
                return;
        for (size_t i = 0; i < s.length && i < SHOWN; i++)
                sprintf(hex + 2 * i, "%02x", s.reply[i]);
        ck_abort_msg(
                "an answer to %s is neither that of before nor that of after (%s): %s (sort %u; before %u, after %u)",
                question_text(s.question), what_was_done, hex, (unsigned)SORT(s.hash),
                (unsigned)SORT(table[(s.from - 1) % TABLES][s.question]),
                (unsigned)SORT(table[s.to % TABLES][s.question]));
}

void effect_begins(enum effect effect)
{
        effects[(epoch + 1) % TABLES] = effect;
        __atomic_store_n(&epoch, epoch + 1, __ATOMIC_SEQ_CST);
}

void effect_ends(const char *what_was_done)
{
        make_table(epoch);
        for (unsigned i = 0; i < READERS; i++)
                judge(&readers[i], what_was_done);
}

const char *effect_seen(void)
{
        for (unsigned n = 0; n < questions_count(); n++)
                if (table[epoch % TABLES][n] != table[(epoch - 1) % TABLES][n])
                        return question_text(n);
        return NULL;
}

/* --- the beginning and the end --- */

void readers_prepare(void)
{
        questions_make();
        for (unsigned i = 0; i < TABLES; i++)
                table[i] = memory_alloc(questions_count() * sizeof(**table));
        for (unsigned i = 0; i < READERS; i++)
                pthread_mutex_init(&readers[i].lock, NULL);
}

void readers_start(void)
{
        for (unsigned i = 0; i < READERS; i++) {
                readers[i].number = i;
                must_hold(pthread_create(&readers[i].thread, NULL, read_on, &readers[i]) == 0);
        }
}

void readers_stop(void)
{
        __atomic_store_n(&stopping, true, __ATOMIC_RELEASE);
        for (unsigned i = 0; i < READERS; i++)
                pthread_join(readers[i].thread, NULL);
        for (unsigned i = 0; i < TABLES; i++)
                free(table[i]);
}

struct readers_counts readers_count(void)
{
        struct readers_counts counts = {.between = between};

        for (unsigned i = 0; i < READERS; i++)
                counts.asked += __atomic_load_n(&readers[i].asked, __ATOMIC_RELAXED);
        return counts;
}
