/* admin/ctl/verbs.h: the commands of gslbctl and the options that they take: one table, from which options are read,
 * refused and helped. */
#ifndef ADMIN_CTL_VERBS_H
#define ADMIN_CTL_VERBS_H

#include "admin/ctl/ctl.h"
#include "admin/ctl/words.h"

/* Reads the options and finds the command; c->argc and c->argv are what is left behind it. NULL with *status when there
 * is none to run: help was shown, or a message. */
const struct verb *verb_read(struct ctl *, int argc, char **argv, int *status);

#endif
