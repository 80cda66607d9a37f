/* admin/ctl/options.h: the options of gslbctl: their names, what they take, where they go. */
#ifndef ADMIN_CTL_OPTIONS_H
#define ADMIN_CTL_OPTIONS_H

#include <stdint.h>
#include <stdio.h>
#include "admin/ctl/ctl.h"

enum option_number {
        OPTION_SERVER,
        OPTION_TOKEN_FILE,
        OPTION_CA_FILE,
        OPTION_CERTIFICATE,
        OPTION_KEY,
        OPTION_OUTPUT,
        OPTION_TIMEOUT,
        OPTION_COLOR,
        OPTION_HELP,
        OPTION_VERSION, /* those before and this go with every command */
        OPTION_FILE,
        OPTION_COMMENT,
        OPTION_FOR,
        OPTION_REASON,
        OPTION_TYPE,
        OPTION_CLIENT,
        OPTION_ORIGIN,
        OPTION_ROLE,
        OPTION_PROBER,
        OPTION_LIMIT,
        OPTION_REGION,
        OPTION_POOL,
        OPTION_LABEL,
        OPTION_CIDR,
        OPTION_AT,
        OPTION_OVER,
        OPTION_REPLACE,
        OPTION_DRY_RUN,
        OPTION_IF_MATCH,
        OPTION_EXIT_CODE,
        OPTION_YES,
        OPTION_PRUNE,
        OPTION_PRUNE_KIND,
        OPTION_FORCE,
        OPTION_OVERWRITE,
        OPTION_WITH_DRAINS,
        OPTION_STATE,
        OPTION_DEFAULTS,
        OPTION_FOLLOW,
        OPTION_ZONE,
        OPTION_POOL_LABEL,
        OPTION_SERVICE,
        OPTION_BY,
        OPTION_SINCE,
        OPTION_AUTHOR,
        OPTION_KINDS,
        OPTION_CHANGES,
        OPTION_FLAPPING,
        OPTION_DOWN,
        OPTION_SORT,
        OPTION_WATCH,
        OPTION_INTERVAL,
        OPTION_CONFIRM_WITHIN,
        OPTION_ABORT_IF,
        OPTION_CHECK_FIRST,
        OPTION_CHECK_WITHIN,
        OPTION_TO,
        OPTION_STEPS,
        OPTION_EVERY,
        OPTION_WITH,
        OPTION_NOW,
        OPTION_COUNT
};

#define OPTION_BIT(number) (UINT64_C(1) << (number))
#define OPTIONS_GENERAL    (OPTION_BIT(OPTION_VERSION + 1) - 1)

/* Reads all options; what is no option is left in c->argc and c->argv. *given: the bits of those that were there.
 * false: a message was printed. */
bool options_read(struct ctl *, int argc, char **argv, uint64_t *given);
extern const char *const output_names[]; /* what --output takes, in the order of enum output; ends with NULL */

/* The option that a word is, "--for" or "-f"; OPTION_COUNT: none. Its name, and what value it takes: "TIME"; NULL:
 * none.
 */
enum option_number option_called(const char *word);
const char *option_long(enum option_number);
const char *option_takes(enum option_number);
/* "--for TIME" */
void option_name(enum option_number, FILE *to);
/* A line for each of these: its name, what it takes, what it does. */
void options_help(uint64_t options, FILE *to);
/* The same as a list of {name, takes, letter, help}. */
struct doc *options_describe(uint64_t options, struct arena *);

#endif
