/* A process that makes change after change is killed in the middle of it: the store opens again, holds what was
 * acknowledged last or one revision more, each whole, and its digest is right.
 *
 * GSLBD_KILLED_ROUNDS and GSLBD_KILLED_SEED ask for another number of deaths and another run. */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/log.h"
#include "tests/unit/must.h"
#include "tests/unit/plane.h"
#include "tests/unit/random_change.h"
#include "tests/unit/scratch.h"

#define ROUNDS            12
#define ACKNOWLEDGED_MOST 20   /* before a death */
#define LATER_MOST_US     3000 /* the death, behind the last of them */

struct acknowledged {
        uint64_t revision;
        struct digest digest;
};

static unsigned rounds = ROUNDS;
static uint64_t seed = 1;
static char directory[SCRATCH_PATH];

/* --- the process that dies --- */

static struct acknowledged look(struct store *store)
{
        char error[STORE_ERROR_MAX];
        struct store_txn *txn = store_read(store, error, sizeof(error));
        struct acknowledged a = {0};

        must(txn != NULL, "%s", error);
        a.revision = store_revision(txn);
        must_hold(store_digest(txn, &a.digest));
        store_end(txn);
        return a;
}

static enum control_result change(struct plane *plane, struct change *changes, size_t count, struct random *r)
{
        struct problems problems = PROBLEMS_INIT;
        enum control_result result = plane_change(plane, changes, &count, chance(r, 10), true, &problems);

        must(result != CONTROL_FAILED, "%s", problems.list[0].message);
        problems_free(&problems);
        return result;
}

static void begin(struct plane *plane, struct random *r)
{
        struct arena *a = arena_new(0);
        struct problems problems = PROBLEMS_INIT;
        struct doc *d = doc_parse(a, random_beginning, strlen(random_beginning), DOC_YAML, &problems);
        struct change *changes;
        size_t count;

        must_hold(d && document_changes(d, a, &changes, &count, &problems));
        while (change(plane, changes, count, r) != CONTROL_UNCHANGED) {
        }
        arena_free(a);
}

static void change_without_end(unsigned round, int to)
{
        struct plane *plane = plane_open(directory, NULL);
        struct store *store = control_store(plane->control);
        struct random r;
        char error[STORE_ERROR_MAX];

        random_seed(&r, seed * 10000 + round);
        if (!look(store).revision)
                begin(plane, &r);
        for (;;) {
                struct arena *a = arena_new(0);
                struct change changes[RANDOM_CHANGES_MOST];
                struct store_txn *txn = store_read(store, error, sizeof(error));
                must(txn != NULL, "%s", error);
                size_t count = random_changes(&r, txn, a, changes);
                store_end(txn);
                change(plane, changes, count, &r);
                const struct acknowledged last = look(store);
                must_hold(write(to, &last, sizeof(last)) == sizeof(last));
                arena_free(a);
        }
}

/* --- this process --- */

/* false: nothing more comes. */
static bool hear(int from, struct acknowledged *last)
{
        struct acknowledged next;

        if (read(from, &next, sizeof(next)) != sizeof(next))
                return false;
        must_hold(next.revision >= last->revision);
        *last = next;
        return true;
}

/* What was acknowledged last before it died. */
static struct acknowledged live_and_die(unsigned round, struct random *r)
{
        struct acknowledged last = {0};
        int pair[2], status;

        must_hold(pipe2(pair, O_CLOEXEC) == 0);
        pid_t process = fork();
        must_hold(process >= 0);
        if (!process) {
                close(pair[0]);
                change_without_end(round, pair[1]);
        }
        close(pair[1]);
        for (unsigned left = 1 + random_below(r, ACKNOWLEDGED_MOST); left; left--)
                must(hear(pair[0], &last), "round %u: it ended by itself", round);
        usleep(random_below(r, LATER_MOST_US));
        must_hold(kill(process, SIGKILL) == 0);
        must_hold(waitpid(process, &status, 0) == process);
        must(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "round %u: it ended by itself", round);
        while (hear(pair[0], &last)) {
        }
        close(pair[0]);
        return last;
}

static bool of_tokens(struct store_txn *txn, uint64_t revision, struct arena *a)
{
        const struct doc *one = store_history_one(txn, revision, a);

        doc_each (c, doc_get(one, "changes"))
                if (!strcmp(doc_get_string(c, "kind"), kind_name(KIND_TOKENS)))
                        return true;
        return false;
}

/* One revision more: all of it, so that without it there is what was acknowledged. */
static void take_back(struct store *store, const struct acknowledged *last, unsigned round)
{
        struct arena *a = arena_new(0);
        char error[STORE_ERROR_MAX];
        struct store_txn *txn = store_write(store, error, sizeof(error));
        struct revision r = {.number = last->revision + 2, .time_ms = 1, .author = "test", .comment = ""};
        struct digest digest;

        must(txn != NULL, "%s", error);
        if (!of_tokens(txn, last->revision + 1, a)) { /* they are not gone back to */
                must(store_rollback_changes(txn, last->revision, BACK_DRAINS, a, &r.changes, &r.change_count, error,
                                            sizeof(error)),
                     "%s", error);
                must(store_apply(txn, &r, error, sizeof(error)), "%s", error);
                must_hold(store_digest(txn, &digest));
                ck_assert_msg(digest_equal(&digest, &last->digest), "round %u: revision %llu was not whole", round,
                              (unsigned long long)last->revision + 1);
        }
        store_end(txn);
        arena_free(a);
}

/* Returns whether there is one revision more than was acknowledged. */
static bool check(const struct acknowledged *last, unsigned round)
{
        char error[STORE_ERROR_MAX] = "";
        struct store *store = store_open(directory, false, error, sizeof(error));

        ck_assert_msg(store != NULL, "round %u: %s", round, error);
        const struct acknowledged there = look(store);
        struct store_txn *txn = store_read(store, error, sizeof(error));
        ck_assert_msg(txn && store_digest_check(txn, error, sizeof(error)), "round %u: %s", round, error);
        store_end(txn);
        ck_assert_msg(there.revision == last->revision || there.revision == last->revision + 1,
                      "round %u: revision %llu was acknowledged, and there is %llu", round,
                      (unsigned long long)last->revision, (unsigned long long)there.revision);
        bool more = there.revision > last->revision;
        if (more)
                take_back(store, last, round);
        else
                ck_assert_msg(digest_equal(&there.digest, &last->digest),
                              "round %u: revision %llu is another than was acknowledged", round,
                              (unsigned long long)last->revision);
        store_close(store);
        return more;
}

START_TEST(killed_in_the_middle_of_changes_it_has_lost_nothing_acknowledged)
{
        struct random r;
        unsigned more = 0;
        struct acknowledged last = {0};

        random_seed(&r, seed);
        for (unsigned round = 0; round < rounds; round++) {
                last = live_and_die(round, &r);
                more += check(&last, round);
        }
        printf("seed %llu: killed %u times, %u times with a revision on disk that was not acknowledged yet; %llu "
               "revisions\n",
               (unsigned long long)seed, rounds, more, (unsigned long long)last.revision);
        ck_assert_uint_gt(last.revision, rounds);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("admin: killed");
        TCase *t = tcase_create("killed");
        const char *text = getenv("GSLBD_KILLED_ROUNDS");

        rounds = text ? (unsigned)strtoul(text, NULL, 10) : ROUNDS;
        text = getenv("GSLBD_KILLED_SEED");
        seed = text ? strtoull(text, NULL, 10) : 1;
        log_set_level(LOG_LEVEL_ERROR);
        scratch_make(directory, "killed");
        tcase_add_test(t, killed_in_the_middle_of_changes_it_has_lost_nothing_acknowledged);
        suite_add_tcase(suite, t);
        SRunner *runner = srunner_create(suite);
        srunner_set_fork_status(runner, CK_NOFORK);
        srunner_run_all(runner, CK_NORMAL);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        scratch_remove(directory);
        return failed;
}
