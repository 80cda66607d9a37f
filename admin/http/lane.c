#include "admin/http/lane.h"

#include <stdlib.h>
#include "base/event_thread.h"
#include "base/memory.h"

struct lane {
        struct event_thread *thread;
        struct mailbox *mail; /* of that thread */
        /* The API's thread's: */
        bool held;
        TAILQ_HEAD(lane_calls, call) waiting;
        void (*read)(struct letter *);
};

struct lane *lane_open(const char *name)
{
        struct lane *l = memory_alloc(sizeof(*l));

        TAILQ_INIT(&l->waiting);
        l->thread = event_thread_new(name);
        l->mail = l->thread ? mailbox_open(event_thread_base(l->thread)) : NULL;
        if (l->mail && event_thread_start(l->thread))
                return l;
        lane_close(l);
        return NULL;
}

static void next(struct lane *l)
{
        struct call *c = TAILQ_FIRST(&l->waiting);

        l->held = c != NULL;
        if (!c)
                return;
        TAILQ_REMOVE(&l->waiting, c, link);
        mailbox_send(l->mail, &c->letter, l->read);
}

void lane_enter(struct lane *l, struct call *c, void (*read)(struct letter *))
{
        c->lane = l;
        l->read = read;
        TAILQ_INSERT_TAIL(&l->waiting, c, link);
        if (!l->held)
                next(l);
}

void lane_leave(struct call *c)
{
        struct lane *l = c->lane;

        c->lane = NULL;
        next(l);
}

void lane_send(struct lane *l, struct letter *letter, void (*open)(struct letter *))
{
        mailbox_send(l->mail, letter, open);
}

void lane_end(struct lane *l)
{
        event_thread_end(l->thread);
}

struct call *lane_take(struct lane *l)
{
        struct letter *left = mailbox_take(l->mail);
        struct call *c = left ? call_of_letter(left) : TAILQ_FIRST(&l->waiting);

        if (c && !left)
                TAILQ_REMOVE(&l->waiting, c, link);
        return c;
}

void lane_close(struct lane *l)
{
        if (!l)
                return;
        if (l->thread)
                event_thread_end(l->thread);
        mailbox_close(l->mail);
        event_thread_free(l->thread);
        free(l);
}
