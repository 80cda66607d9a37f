/* gslbctl: the operator's command line over the admin API. */
#include <stdlib.h>
#include "admin/ctl/verbs.h"

int main(int argc, char **argv)
{
        const char *server = getenv("GSLBCTL_SERVER"), *token_file = getenv("GSLBCTL_TOKEN_FILE");
        struct ctl c = {
                .arena = arena_new(0), .server = server ? server : "http://127.0.0.1:8053", .token_file = token_file};
        int status;
        const struct verb *verb = verb_read(&c, argc, argv, &status);

        if (verb)
                status = c.watch ? ctl_watch(&c, verb->name, verb->run) : verb->run(&c);
        arena_free(c.arena);
        return status;
}
