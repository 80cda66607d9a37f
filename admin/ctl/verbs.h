/* admin/ctl/verbs.h: the commands of gslbctl and the options that they take: one table, from which options are read,
 * refused and helped. */
#ifndef ADMIN_CTL_VERBS_H
#define ADMIN_CTL_VERBS_H

#include <stdint.h>
#include <stdio.h>
#include "admin/ctl/ctl.h"

struct verb {
        const char *name;      /* one word or two */
        const char *arguments; /* as help shows them */
        int least, most;       /* arguments; most -1: any number */
        uint64_t options;      /* bits of option numbers */
        const char *help, *example;
        command *run;
};

/* Reads the options and finds the command; c->argc and c->argv are what is left behind it. NULL with *status when there
 * is none to run: help was shown, or a message. */
const struct verb *verb_read(struct ctl *, int argc, char **argv, int *status);

#endif
