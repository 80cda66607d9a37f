/* A control plane that takes change after change answers and explains, byte for byte, like one that was just started on
 * the same store; and while a change takes effect every answer is one of the revision before it or of the one after.
 *
 * GSLBD_DIFFERENTIAL_STEPS and GSLBD_DIFFERENTIAL_SEED ask for another number of steps and another run; a failure names
 * the seed and the step. */
#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "tests/unit/afresh.h"
#include "tests/unit/mmdb_file.h"
#include "tests/unit/questions.h"
#include "tests/unit/random_change.h"
#include "tests/unit/world.h"

#ifdef __SANITIZE_THREAD__
#define STEPS 80
#elif defined(__SANITIZE_ADDRESS__)
#define STEPS 150
#else
#define STEPS 300
#endif
#define COMPARE_EVERY 6 /* steps, at most: everything with a fresh start */
#define ASKERS        2
#define TABLES        32  /* of answers that readers may still compare with */
#define SHOWN         600 /* characters of a line that is not as it should be */
#define SURPRISES     64  /* answers that a reader keeps for judgement */

static unsigned steps = STEPS;
static uint64_t seed = 1;
static char directory[100], store[140], geo[140];
static struct afresh *afresh;
static struct plane *plane;
static struct plane_health health;
static struct random rnd;
static unsigned step;
static struct {
        unsigned changed, unchanged, refused, invalid, dry, rolled_back, failed, flipped, compared, located;
        unsigned long long asked, between;
} counts;

/* What was asked for last, for whoever reads of a failure. */
static char doing[600];

static void note(const char *how, const struct change *changes, size_t count)
{
        int length = snprintf(doing, sizeof(doing), "%s", how);

        for (size_t i = 0; i < count && length < (int)sizeof(doing); i++)
                length +=
                        snprintf(doing + length, sizeof(doing) - (size_t)length, " %s[%s]%s",
                                 kind_name(changes[i].kind), changes[i].key, changes[i].document ? "" : " is deleted");
}

/* --- readers ---
 *
 * table[e % TABLES] holds the answers after change e, as hashes. While change e is made, epoch is e: an answer that was
 * asked for between epochs a and b is one of the tables a - 1 to b. Those that are not the one before are kept until
 * the tables are there to tell. */

struct surprise {
        unsigned question;
        uint64_t hash, from, to;
};

struct asker {
        pthread_t thread;
        unsigned number;
        pthread_mutex_t lock;
        struct surprise surprises[SURPRISES];
        unsigned count;
        uint64_t asked;
};

static struct asker askers[ASKERS];
static uint64_t *table[TABLES];
static uint64_t epoch, lenient; /* atomic; lenient: the last epoch in which health has changed pool by pool */
static bool stopping;           /* atomic */

static uint64_t answer_hash(struct questioner *q, unsigned question, const struct snapshot *s)
{
        question_ask(q, question, s);
        return hash_bytes(q->reply, q->length, 7);
}

static void keep(struct asker *r, const struct surprise *s)
{
        pthread_mutex_lock(&r->lock);
        if (r->count < SURPRISES)
                r->surprises[r->count++] = *s;
        pthread_mutex_unlock(&r->lock);
}

static void *read_on(void *context)
{
        struct asker *r = context;
        struct questioner *q = questioner_new();
        struct random random;

        random_seed(&random, 1000 + r->number);
        rcu_join();
        while (!__atomic_load_n(&stopping, __ATOMIC_ACQUIRE)) {
                for (unsigned i = 0; i < 200; i++) {
                        struct surprise s = {.question = random_below(&random, questions_count())};
                        s.from = __atomic_load_n(&epoch, __ATOMIC_SEQ_CST);
                        s.hash = answer_hash(q, s.question, snapshot_current());
                        s.to = __atomic_load_n(&epoch, __ATOMIC_SEQ_CST);
                        uint64_t before = __atomic_load_n(&table[(s.from - 1) % TABLES][s.question], __ATOMIC_RELAXED);
                        if (s.hash != before)
                                keep(r, &s);
                        __atomic_fetch_add(&r->asked, 1, __ATOMIC_RELAXED);
                }
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

/* Everything from here to effect_ends takes effect at once, or (health) answer by answer. */
static void effect_begins(bool at_once)
{
        if (!at_once)
                __atomic_store_n(&lenient, epoch + 1, __ATOMIC_SEQ_CST);
        __atomic_store_n(&epoch, epoch + 1, __ATOMIC_SEQ_CST);
}

static bool was_true(const struct surprise *s, uint64_t now)
{
        if (s->from <= lenient || s->from - 1 + TABLES <= now + 1)
                return true;
        for (uint64_t e = s->from - 1; e <= s->to; e++)
                if (table[e % TABLES][s->question] == s->hash)
                        return true;
        return false;
}

/* No assertion while the lock is held: the thread could not end. */
static bool find_wrong(struct asker *r, struct surprise *wrong)
{
        bool found = false;

        pthread_mutex_lock(&r->lock);
        counts.between += r->count;
        for (; r->count && !found; r->count--) {
                *wrong = r->surprises[r->count - 1];
                found = !was_true(wrong, epoch);
        }
        pthread_mutex_unlock(&r->lock);
        return found;
}

static void judge(struct asker *r)
{
        struct surprise s;

        if (find_wrong(r, &s))
                ck_abort_msg(
                        "seed %llu, step %u: an answer to %s between %llu and %llu is neither that of the revision "
                        "before nor that of the one after (%s)",
                        (unsigned long long)seed, step, question_text(s.question), (unsigned long long)s.from,
                        (unsigned long long)s.to, doing);
}

static void effect_ends(void)
{
        make_table(epoch);
        for (unsigned i = 0; i < ASKERS; i++)
                judge(&askers[i]);
}

/* --- comparing --- */

/* Where two lines part, and what led there. */
static void show(const char *whose, const char *line, size_t from, struct buffer *out)
{
        size_t length = strcspn(line, "\n"), begin = from > SHOWN / 2 ? from - SHOWN / 2 : 0;

        buffer_printf(out, "\n%s: %.*s: %s", whose, (int)strcspn(line, ":\n"), line, begin ? "..." : "");
        buffer_bytes(out, line + begin, length - begin < SHOWN ? length - begin : SHOWN);
}

static void differ_at(const char *live, const char *fresh)
{
        struct buffer text = BUFFER_INIT(1 << 16);
        size_t from = 0;

        for (; *live && *live == *fresh; live++, fresh++)
                from = *live == '\n' ? 0 : from + 1;
        show(" live", live - from, from, &text);
        show("fresh", fresh - from, from, &text);
        ck_abort_msg("seed %llu, step %u: it is not what a fresh start tells%s", (unsigned long long)seed, step,
                     text.data);
}

static void compare(unsigned share)
{
        struct buffer live = BUFFER_INIT((size_t)1 << 28);

        effect_begins(false);
        plane_settle(plane);
        effect_ends();
        plane_tell(plane, share, &live);
        char *fresh = afresh_tell(afresh, store, &health, share);
        if (strcmp(live.data, fresh))
                differ_at(live.data, fresh);
        free(fresh);
        buffer_free(&live);
        counts.compared++;
}

/* --- changing --- */

static struct store_txn *reading(void)
{
        char error[STORE_ERROR_MAX];
        struct store_txn *txn = store_read(control_store(plane->control), error, sizeof(error));

        ck_assert_msg(txn != NULL, "%s", error);
        return txn;
}

/* A refusal says what a whole load of the same says. */
static void compare_problems(const struct change *changes, size_t count, const struct problems *problems)
{
        char *here = sorted_problems(problems), *there = afresh_problems(afresh, store, changes, count);

        ck_assert_msg(!strcmp(here, there), "seed %llu, step %u: refused with\n%s\na whole load says\n%s",
                      (unsigned long long)seed, step, here, there);
        free(here);
        free(there);
}

/* Not one answer. */
static void nothing_changed(void)
{
        for (unsigned n = 0; n < questions_count(); n++)
                ck_assert_msg(table[epoch % TABLES][n] == table[(epoch - 1) % TABLES][n],
                              "seed %llu, step %u: what was not done has changed the answer to %s (%s)",
                              (unsigned long long)seed, step, question_text(n), doing);
}

static bool disk_full; /* takes no page more while something is changed: then nothing is changed */

/* Not for longer than that: Check writes files too. */
static void fill_disk(bool full)
{
        struct rlimit limit;

        ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
        limit.rlim_cur = full ? 3 * (rlim_t)4096 : limit.rlim_max;
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void apply(struct change *changes, size_t count, bool dry_run)
{
        struct problems problems = PROBLEMS_INIT;

        note(dry_run ? "a dry run:" : disk_full ? "on a full disk:" : "a change:", changes, count);
        control_settle(plane->control);
        uint64_t before = control_revision(plane->control);
        effect_begins(true);
        fill_disk(disk_full);
        enum control_result result = plane_change(plane, changes, &count, dry_run, chance(&rnd, 80), &problems);
        fill_disk(false);
        effect_ends();
        ck_assert_uint_eq(control_revision(plane->control), before + (result == CONTROL_OK && !dry_run));
        if (result != CONTROL_OK || dry_run)
                nothing_changed();
        counts.dry += dry_run;
        switch (result) {
        case CONTROL_OK:
                counts.changed += !dry_run;
                break;
        case CONTROL_UNCHANGED:
                counts.unchanged++;
                break;
        case CONTROL_REFUSED:
                counts.refused++;
                break;
        case CONTROL_INVALID:
                counts.invalid++;
                if (changes[0].kind != KIND_DRAINS)
                        compare_problems(changes, count, &problems);
                break;
        case CONTROL_FAILED:
                counts.failed++;
                ck_assert_msg(disk_full, "seed %llu, step %u: %s", (unsigned long long)seed, step,
                              problems.list[0].message);
                break;
        case CONTROL_STARTED:
        case CONTROL_LATER:
                ck_abort_msg("plane_change goes to the end");
        }
        problems_free(&problems);
}

static void change_something(bool dry_run)
{
        struct arena *a = arena_new(0);
        struct change changes[RANDOM_CHANGES_MOST];
        struct store_txn *txn = reading();
        size_t count = random_changes(&rnd, txn, a, changes);

        store_end(txn);
        apply(changes, count, dry_run);
        arena_free(a);
}

static void change_on_a_full_disk(void)
{
        disk_full = true;
        change_something(false);
        disk_full = false;
}

static void go_back(void)
{
        struct arena *a = arena_new(0);
        struct store_txn *txn = reading();
        uint64_t newest = store_revision(txn), to = newest - random_below(&rnd, newest < 30 ? (uint32_t)newest : 30);
        struct change *changes;
        char error[STORE_ERROR_MAX];
        size_t count;

        ck_assert_msg(store_rollback_changes(txn, to, chance(&rnd, 30), a, &changes, &count, error, sizeof(error)),
                      "%s", error);
        store_end(txn);
        if (count) {
                apply(changes, count, false);
                counts.rolled_back++;
        }
        arena_free(a);
}

static void insert(struct mmdb_file *f, const char *network, uint32_t record)
{
        struct prefix p;

        ck_assert(prefix_parse(network, &p));
        mmdb_file_insert(f, &p, record);
}

static uint32_t place(struct mmdb_file *f, const char *continent, const char *country, const char *part,
                      double latitude, double longitude)
{
        uint32_t at = mmdb_file_at(f);

        mmdb_map(f, 4);
        mmdb_text(f, "continent");
        mmdb_map(f, 1);
        mmdb_text(f, "code");
        mmdb_text(f, continent);
        mmdb_text(f, "country");
        mmdb_map(f, 1);
        mmdb_text(f, "iso_code");
        mmdb_text(f, country);
        mmdb_text(f, "subdivisions");
        mmdb_array(f, 1);
        mmdb_map(f, 1);
        mmdb_text(f, "iso_code");
        mmdb_text(f, part);
        mmdb_text(f, "location");
        mmdb_map(f, 2);
        mmdb_text(f, "latitude");
        mmdb_double(f, latitude);
        mmdb_text(f, "longitude");
        mmdb_double(f, longitude);
        return at;
}

/* A database in which some clients are elsewhere each time. */
static void write_geo(unsigned turn)
{
        struct mmdb_file *f = mmdb_file_new(6, 28);
        char made[160];
        uint32_t places[3];

        places[0] = place(f, "EU", "DE", "BE", 52.5, 13.4);
        places[1] = place(f, "NA", "US", "CA", 37.8, -122.4);
        places[2] = place(f, "SA", "BR", "SP", -23.5, -46.6);
        insert(f, "::c633:6400/120", places[turn % 3]); /* 198.51.100.0/24 */
        insert(f, "::cb00:7100/120", places[(turn + 1) % 3]);
        insert(f, "::c0a8:0/112", places[2]);
        insert(f, "2001:db8::/32", places[turn / 3 % 3]);
        snprintf(made, sizeof(made), "%s.new", geo);
        mmdb_file_write(f, made);
        mmdb_file_free(f);
        ck_assert_int_eq(rename(made, geo), 0);
}

static void locate_anew(void)
{
        note("another database", NULL, 0);
        char error[600];
        const bool damaged = chance(&rnd, 30);

        if (damaged) { /* changes nothing; then the good one is there again for the next start */
                ck_assert_int_eq(truncate(geo, 100), 0);
        } else {
                write_geo(random_below(&rnd, 9));
                counts.located++;
        }
        effect_begins(true);
        ck_assert_msg(control_reload_geo(plane->control, error, sizeof(error)) == !damaged, "%s", error);
        effect_ends();
        if (damaged)
                write_geo(0);
        effect_begins(true);
        ck_assert_msg(control_reload_geo(plane->control, error, sizeof(error)), "%s", error);
        effect_ends();
}

static void turn_health(void)
{
        note("health", NULL, 0);
        effect_begins(false);
        plane_flip(&rnd, &health);
        plane_say(plane, &health);
        effect_ends();
        counts.flipped++;
}

static void take_step(void)
{
        unsigned turn = random_below(&rnd, 100);

        if (turn < 72)
                change_something(false);
        else if (turn < 80)
                change_something(true);
        else if (turn < 83)
                change_on_a_full_disk();
        else if (turn < 86)
                go_back();
        else if (turn < 88)
                locate_anew();
        else
                turn_health();
        /* whoever has just come into being is heard of for the first time */
        effect_begins(false);
        plane_say(plane, &health);
        plane_tick(plane);
        effect_ends();
}

START_TEST(changes_step_by_step_come_to_what_a_fresh_start_comes_to)
{
        unsigned next = 0;

        for (step = 1; step <= steps; step++) {
                take_step();
                if (step >= next) {
                        compare(1 + random_below(&rnd, 5));
                        next = step + 1 + random_below(&rnd, 2 * COMPARE_EVERY);
                }
        }
        compare(1);
        for (unsigned i = 0; i < ASKERS; i++)
                counts.asked += __atomic_load_n(&askers[i].asked, __ATOMIC_RELAXED);
        printf("seed %llu, %u steps: %u changed, %u unchanged, %u refused, %u invalid, %u dry, %u rolled back, %u not "
               "written, %u located anew, %u of health; "
               "%u compared with a fresh start; readers asked %llu times, %llu answers of the next revision\n",
               (unsigned long long)seed, steps, counts.changed, counts.unchanged, counts.refused, counts.invalid,
               counts.dry, counts.rolled_back, counts.failed, counts.located, counts.flipped, counts.compared,
               counts.asked, counts.between);
        ck_assert_uint_gt(counts.changed, steps / 5);
        ck_assert_uint_gt(counts.invalid, steps / 50);
        ck_assert(counts.failed || steps < 200);
        ck_assert_uint_gt(counts.between, 0);
}
END_TEST

/* --- the beginning and the end --- */

static void begin(void)
{
        struct arena *a = arena_new(0);
        struct problems problems = PROBLEMS_INIT;
        struct doc *d = doc_parse(a, random_beginning, strlen(random_beginning), DOC_YAML, &problems);
        struct change *changes;
        size_t count;

        ck_assert(d && document_changes(d, a, &changes, &count, &problems));
        apply(changes, count, false);
        ck_assert_uint_eq(counts.changed, 1);
        problems_free(&problems);
        arena_free(a);
}

static void set_up(void)
{
        write_geo(0);
        questions_make();
        afresh = afresh_start(directory, geo); /* before there is a second thread */
        for (unsigned i = 0; i < TABLES; i++)
                table[i] = memory_alloc(questions_count() * sizeof(**table));
        random_seed(&rnd, seed);
        epoch = 1;
        plane = plane_open(store, geo);
        begin();
        plane_say(plane, &health);
        plane_settle(plane);
        effect_ends();
        for (unsigned i = 0; i < ASKERS; i++) {
                askers[i].number = i;
                pthread_mutex_init(&askers[i].lock, NULL);
                ck_assert_int_eq(pthread_create(&askers[i].thread, NULL, read_on, &askers[i]), 0);
        }
}

static void tear_down(void)
{
        __atomic_store_n(&stopping, true, __ATOMIC_RELEASE);
        for (unsigned i = 0; i < ASKERS; i++)
                pthread_join(askers[i].thread, NULL);
        plane_close(plane);
        afresh_stop(afresh);
        for (unsigned i = 0; i < TABLES; i++)
                free(table[i]);
}

static void from_environment(void)
{
        const char *text = getenv("GSLBD_DIFFERENTIAL_STEPS");

        steps = text ? (unsigned)strtoul(text, NULL, 10) : STEPS;
        text = getenv("GSLBD_DIFFERENTIAL_SEED");
        seed = text ? strtoull(text, NULL, 10) : 1;
}

int main(void)
{
        Suite *suite = suite_create("admin: step by step as afresh");
        TCase *t = tcase_create("differential");
        char command[140];

        log_set_level(LOG_LEVEL_ERROR);
        signal(SIGXFSZ, SIG_IGN);
        from_environment();
        strcpy(directory, "/tmp/gslbd-differential.XXXXXX");
        if (!mkdtemp(directory))
                return EXIT_FAILURE;
        snprintf(store, sizeof(store), "%s/store", directory);
        snprintf(geo, sizeof(geo), "%s/geo.mmdb", directory);
        tcase_add_unchecked_fixture(t, set_up, tear_down);
        tcase_add_test(t, changes_step_by_step_come_to_what_a_fresh_start_comes_to);
        suite_add_tcase(suite, t);
        int status = world_run(suite);
        snprintf(command, sizeof(command), "rm -rf %s", directory);
        return system(command) || status;
}
