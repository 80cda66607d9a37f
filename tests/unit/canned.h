/* tests/unit/canned.h: a TCP server on a free loopback port that says to everyone what a test wants said. */
#ifndef TESTS_UNIT_CANNED_H
#define TESTS_UNIT_CANNED_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct canned {
        uint16_t port;
        const char *until; /* the request is read up to this text; NULL: nothing is read */
        const char *reply;
        size_t reply_length;
        bool hold;            /* keeps silent after the reply, until the client closes */
        pthread_mutex_t lock; /* guards the request */
        char request[70000];  /* the last one */
        int fd;
        atomic_uint served; /* connections */
        atomic_bool stopping;
        pthread_t thread;
};

struct canned *canned_start(const char *until, const char *reply, size_t reply_length, bool hold);
/* Whether the last request has this in it. */
bool canned_was_asked(struct canned *, const char *text);
void canned_stop(struct canned *);

#endif
