/* gslbd/answer/answered.h: what kind of answer a query got, for who counts answers (gslbd/limits/). */
#ifndef GSLBD_ANSWER_ANSWERED_H
#define GSLBD_ANSWER_ANSWERED_H

#include <stdbool.h>

/* Answers of a kind are alike, whatever name was made up to get them. */
enum answer_kind {
        ANSWERED_NOTHING,  /* no reply */
        ANSWERED_RECORDS,  /* of one name, or of the wildcard, DNAME or delegation that stands for many */
        ANSWERED_NEGATIVE, /* of one zone: no such name, no such data */
        ANSWERED_ERROR,    /* all else: refused, malformed, failed */
        ANSWERED_KINDS
};

struct answered {
        enum answer_kind kind;
        bool proven;    /* the address is no forgery: a valid cookie */
        const void *of; /* the node that answered, the zone's apex, or NULL: to be told from others, never looked at */
};

#endif
