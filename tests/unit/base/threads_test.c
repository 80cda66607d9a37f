/* Threads with event loops, and what they hand over to each other. */
#include <check.h>
#include <event2/event.h>
#include <event2/thread.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include "base/clock.h"
#include "base/event_thread.h"
#include "base/mailbox.h"
#include "tests/unit/suite.h"

#define SENDERS 4
#define LETTERS 20000

struct note {
        struct letter letter;
        unsigned sender, number;
};

/* What the thread of the mailbox alone looks at. */
static unsigned next_of[SENDERS], opened;
static bool in_order;
static struct event_base *loop;
static struct mailbox *mail, *back;

static void open_note(struct letter *letter)
{
        struct note *n = (struct note *)letter;

        in_order &= next_of[n->sender] == n->number;
        next_of[n->sender] = n->number + 1;
        free(n);
        if (++opened == SENDERS * LETTERS)
                event_base_loopbreak(loop);
}

static void *send_notes(void *context)
{
        for (unsigned i = 0; i < LETTERS; i++) {
                struct note *n = calloc(1, sizeof(*n));
                n->sender = (unsigned)(uintptr_t)context;
                n->number = i;
                mailbox_send(mail, &n->letter, open_note);
        }
        return NULL;
}

START_TEST(letters_of_each_sender_are_opened_in_order_and_none_is_lost)
{
        pthread_t senders[SENDERS];
        struct event_thread *t = event_thread_new("test");

        loop = event_thread_base(t);
        mail = mailbox_open(loop);
        opened = 0;
        in_order = true;
        ck_assert(event_thread_start(t));
        for (uintptr_t i = 0; i < SENDERS; i++)
                pthread_create(&senders[i], NULL, send_notes, (void *)i);
        for (int i = 0; i < SENDERS; i++)
                pthread_join(senders[i], NULL);
        event_thread_wait(t);
        ck_assert_uint_eq(opened, SENDERS * LETTERS);
        ck_assert(in_order);
        mailbox_close(mail);
        event_thread_free(t);
}
END_TEST

static unsigned turns;

static void on_turn(evutil_socket_t fd, short what, void *context)
{
        (void)fd, (void)what, (void)context;
        turns++;
}

static void open_slowly(struct letter *letter)
{
        uint64_t end = clock_us() + MAILBOX_STEP_US;

        while (clock_us() < end)
                continue;
        free(letter);
        opened++;
}

START_TEST(other_work_has_its_turn_between_letters)
{
        const struct timeval now = {0, 100};

        loop = event_base_new();
        mail = mailbox_open(loop);
        struct event *other = event_new(loop, -1, EV_PERSIST, on_turn, NULL);
        event_add(other, &now);
        opened = turns = 0;
        for (int i = 0; i < 20; i++)
                mailbox_send(mail, calloc(1, sizeof(struct letter)), open_slowly);
        while (opened < 20)
                event_base_loop(loop, EVLOOP_ONCE);
        ck_assert_uint_ge(turns, 4); /* not one for all; how many depends on who else has the processor */
        event_free(other);
        mailbox_close(mail);
        event_base_free(loop);
}
END_TEST

static void send_back(struct letter *letter)
{
        mailbox_send(back, letter, open_note);
}

static atomic_bool may_go, is_held;

static void hold(evutil_socket_t fd, short what, void *context)
{
        (void)fd, (void)what, (void)context;
        atomic_store(&is_held, true);
        while (!atomic_load(&may_go))
                sched_yield();
}

static void leave(void *context)
{
        *(pthread_t *)context = pthread_self();
}

START_TEST(who_ends_a_busy_thread_need_not_wait_for_it)
{
        const struct timeval now = {0, 0};
        struct event_thread *t = event_thread_new("test");
        pthread_t by = pthread_self();

        event_thread_at_end(t, leave, &by);
        event_base_once(event_thread_base(t), -1, EV_TIMEOUT, hold, NULL, &now);
        ck_assert(event_thread_start(t));
        while (!atomic_load(&is_held))
                sched_yield();
        event_thread_end_soon(t);
        ck_assert(!event_thread_is_over(t));
        atomic_store(&may_go, true);
        while (!event_thread_is_over(t))
                sched_yield();
        ck_assert(!pthread_equal(by, pthread_self())); /* on the thread itself */
        event_thread_free(t);
}
END_TEST

START_TEST(what_was_not_opened_is_left_to_who_ends_the_thread)
{
        struct event_thread *t = event_thread_new("test");
        struct event_base *here = event_base_new();
        struct letter *left;
        unsigned count = 0;

        mail = mailbox_open(event_thread_base(t));
        back = mailbox_open(here);
        ck_assert(event_thread_start(t));
        for (unsigned i = 0; i < 1000; i++)
                mailbox_send(mail, calloc(1, sizeof(struct note)), send_back);
        event_thread_end(t);
        event_thread_end(t);
        while ((left = mailbox_take(mail)) || (left = mailbox_take(back))) {
                free(left);
                count++;
        }
        ck_assert_uint_eq(count, 1000);
        mailbox_close(mail);
        mailbox_close(back);
        event_thread_free(t);
        event_base_free(here);
}
END_TEST

/* --- how long at one go --- */

static void work_long(evutil_socket_t fd, short what, void *context)
{
        uint64_t end = clock_processor_us() + 30000;

        while (clock_processor_us() < end)
                ;
}

static void end_loop(evutil_socket_t fd, short what, void *base)
{
        event_base_loopbreak(base);
}

START_TEST(the_longest_work_at_one_go_is_known_and_waiting_is_none)
{
        static const struct timeval later = {0, 100000}, last = {0, 300000};
        struct event_base *base = event_base_new();
        struct event *work = evtimer_new(base, work_long, NULL), *end = evtimer_new(base, end_loop, base);
        struct stays stays = {0, 0, 0};

        ck_assert_uint_eq(stays_longest_us(&stays), 0);
        evtimer_add(work, &later);
        evtimer_add(end, &last);
        uint64_t before = clock_us();
        event_run(base, &stays);
        ck_assert_uint_ge(clock_us() - before, 250000);
        ck_assert_uint_ge(stays_longest_us(&stays), 30000);
        ck_assert_uint_lt(stays_longest_us(&stays), 200000);
        stays.minute = clock_ms() / 60000 - 1;
        ck_assert_uint_ge(stays_longest_us(&stays), 30000);
        stays.minute = clock_ms() / 60000 - 2;
        ck_assert_uint_eq(stays_longest_us(&stays), 0);
        event_free(work);
        event_free(end);
        event_base_free(base);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("threads");
        TCase *t = tcase_create("mailboxes");

        evthread_use_pthreads();
        tcase_add_test(t, letters_of_each_sender_are_opened_in_order_and_none_is_lost);
        tcase_add_test(t, other_work_has_its_turn_between_letters);
        tcase_add_test(t, who_ends_a_busy_thread_need_not_wait_for_it);
        tcase_add_test(t, what_was_not_opened_is_left_to_who_ends_the_thread);
        tcase_add_test(t, the_longest_work_at_one_go_is_known_and_waiting_is_none);
        suite_add_tcase(s, t);
        return run_suite(s);
}
