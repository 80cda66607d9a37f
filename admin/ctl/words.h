/* admin/ctl/words.h: the words of a command line: which command they name, and what may stand next. */
#ifndef ADMIN_CTL_WORDS_H
#define ADMIN_CTL_WORDS_H

#include <stdint.h>
#include "admin/ctl/ctl.h"

struct verb {
        const char *name;      /* one word or two */
        const char *arguments; /* as help shows them */
        int least, most;       /* arguments; most -1: any number */
        uint64_t options;      /* bits of option numbers */
        const char *help, *example;
        command *run;
};

/* The command that words begin with, and how many of them name it; NULL: none. */
const struct verb *verb_called(const struct verb *verbs, size_t verb_count, char **words, int count, int *used);

/* Prints what may stand in the place of the last argument: commands, options, their values, names that the server has.
 * Asked by the completions of shells (dist/gslbctl.bash and its neighbours). Says nothing rather than something wrong,
 * and is quick or says nothing. */
int words_complete(struct ctl *, const struct verb *verbs, size_t verb_count);

#endif
