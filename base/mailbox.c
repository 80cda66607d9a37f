#include "base/mailbox.h"

#include <assert.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include "base/clock.h"
#include "base/memory.h"

struct mailbox {
        struct event *due;
        pthread_mutex_t lock; /* guards what follows */
        STAILQ_HEAD(letters, letter) letters;
};

struct letter *mailbox_take(struct mailbox *m)
{
        pthread_mutex_lock(&m->lock);
        struct letter *first = STAILQ_FIRST(&m->letters);
        if (first)
                STAILQ_REMOVE_HEAD(&m->letters, link);
        pthread_mutex_unlock(&m->lock);
        return first;
}

static bool is_empty(struct mailbox *m)
{
        pthread_mutex_lock(&m->lock);
        bool empty = STAILQ_EMPTY(&m->letters);
        pthread_mutex_unlock(&m->lock);
        return empty;
}

static void mailbox_on_due(evutil_socket_t fd, short what, void *context)
{
        const struct timeval now = {0};
        struct mailbox *m = context;
        uint64_t end = clock_us() + MAILBOX_STEP_US;
        struct letter *one;

        while ((one = mailbox_take(m))) {
                one->open(one);
                if (clock_us() >= end)
                        break;
        }
        if (!is_empty(m))
                event_add(m->due, &now); /* active at once it would go on before all else */
}

struct mailbox *mailbox_open(struct event_base *base)
{
        struct mailbox *m = memory_alloc(sizeof(*m));

        pthread_mutex_init(&m->lock, NULL);
        STAILQ_INIT(&m->letters);
        m->due = event_new(base, -1, 0, mailbox_on_due, m);
        if (m->due)
                return m;
        mailbox_close(m);
        return NULL;
}

void mailbox_send(struct mailbox *m, struct letter *letter, void (*open)(struct letter *))
{
        letter->open = open;
        pthread_mutex_lock(&m->lock);
        bool first = STAILQ_EMPTY(&m->letters);
        STAILQ_INSERT_TAIL(&m->letters, letter, link);
        pthread_mutex_unlock(&m->lock);
        if (first)
                event_active(m->due, EV_TIMEOUT, 0);
}

void mailbox_close(struct mailbox *m)
{
        if (!m)
                return;
        assert(STAILQ_EMPTY(&m->letters));
        if (m->due)
                event_free(m->due);
        pthread_mutex_destroy(&m->lock);
        free(m);
}
