/* A composite check: its parts run side by side, and enough of them must pass. What agents and metrics among them tell
 * is told on; of two that tell the same the first counts. */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/memory.h"
#include "probes/checks/check_run.h"

struct part {
        struct composite_check *composite;
        struct check_run *run; /* NULL: done */
        struct check_subject subject;
        struct check_result result;
};

struct composite_check {
        const struct check_subject *subject;
        struct event *all_begun; /* active once, since no result may come from inside the start */
        struct part *parts;
        uint32_t count, left;
        uint64_t started_us;
        check_done *done;
        void *context;
};

static void composite_release(struct composite_check *run)
{
        for (uint32_t i = 0; i < run->count; i++)
                if (run->parts[i].run)
                        check_driver_of(check_of(&run->parts[i].subject))->cancel(run->parts[i].run);
        event_free(run->all_begun);
        free(run->parts);
        free(run);
}

static void take_figures(struct check_result *all, const struct check_result *one)
{
        unsigned new = one->tells & ~all->tells;

        if (new &TELLS_FIGURES)
                all->figures.figures = one->figures.figures;
        if (new &TELLS_WEIGHT)
                all->figures.weight_percent = one->figures.weight_percent;
        if (new &TELLS_ADMIN)
                all->figures.admin = one->figures.admin;
        all->tells |= new;
}

static void composite_finish(struct composite_check *run)
{
        const struct monitor *m = check_of(run->subject)->monitor;
        uint32_t need = m->composite.need ? m->composite.need : run->count, passed = 0;
        struct check_result all = {.reason = REASON_OK, .rtt_us = (uint32_t)(clock_us() - run->started_us)};
        const struct part *failed = NULL;
        check_done *done = run->done;
        void *context = run->context;

        for (uint32_t i = 0; i < run->count; i++) {
                struct part *p = &run->parts[i];
                bool good = p->result.reason == REASON_OK;
                passed += good;
                failed = good || (failed && !p->result.certain) ? failed : p;
                take_figures(&all, &p->result);
        }
        if (passed < need && failed) {
                const struct check_result *r = &failed->result;
                all.reason = REASON_PARTS;
                all.certain = r->certain;
                snprintf(all.detail, sizeof(all.detail), "%.30s: %s %.30s", check_of(&failed->subject)->monitor->name,
                         reason_name(r->reason), r->detail);
        } else {
                snprintf(all.detail, sizeof(all.detail), "%u of %u", passed, run->count);
        }
        composite_release(run);
        done(context, &all);
}

static void on_part_done(void *context, const struct check_result *result)
{
        struct part *p = context;

        p->run = NULL;
        p->result = *result;
        if (!--p->composite->left)
                composite_finish(p->composite);
}

static void on_all_begun(evutil_socket_t fd, short what, void *context)
{
        struct composite_check *run = context;

        if (!--run->left)
                composite_finish(run);
}

static struct check_run *composite_check_start(struct checker *checker, const struct check_subject *subject,
                                               check_done *done, void *context, struct check_result *result)
{
        const struct check *c = check_of(subject);
        struct composite_check *run = memory_alloc(sizeof(*run));
        struct check_memory *memory = subject->memory;

        *run = (struct composite_check){.subject = subject,
                                        .parts = memory_alloc(c->part_count * sizeof(*run->parts)),
                                        .count = c->part_count,
                                        .left = c->part_count + 1,
                                        .started_us = clock_us(),
                                        .done = done,
                                        .context = context};
        run->all_begun = event_new(checker->base, -1, 0, on_all_begun, run);
        for (uint32_t i = 0; i < run->count; i++) {
                struct part *p = &run->parts[i];
                p->composite = run;
                p->subject = (struct check_subject){.whole = subject, .part = i, .memory = memory};
                memory += check_memories(&c->parts[i]);
                p->run = check_driver_of(&c->parts[i])->start(checker, &p->subject, on_part_done, p, &p->result);
                run->left -= !p->run;
        }
        event_active(run->all_begun, EV_TIMEOUT, 0);
        return (struct check_run *)run;
}

static void composite_cancel(struct check_run *run)
{
        composite_release((struct composite_check *)run);
}

const struct check_driver check_composite = {composite_check_start, composite_cancel};
