/* base/mailbox.h: what one thread hands over to another, which runs an event loop.
 *
 * A letter is part of what is handed over; from sending on that belongs to the thread of the mailbox. They are opened
 * in the order in which they came, between other work of the loop. Any thread sends; all else is of the one thread that
 * runs the loop, or of whoever is left when that has ended. Needs evthread_use_pthreads(). */
#ifndef BASE_MAILBOX_H
#define BASE_MAILBOX_H

#include <sys/queue.h>

#define MAILBOX_STEP_US 2000 /* of opening letters, before other work has its turn */

struct event_base;
struct mailbox;

struct letter {
        STAILQ_ENTRY(letter) link;
        void (*open)(struct letter *);
};

struct mailbox *mailbox_open(struct event_base *); /* NULL: there is no memory for it */
void mailbox_send(struct mailbox *, struct letter *, void (*open)(struct letter *));
/* The first that was not opened, which is the caller's then; NULL: there is none. */
struct letter *mailbox_take(struct mailbox *);
void mailbox_close(struct mailbox *); /* with nothing in it any more; NULL is allowed */

#endif
