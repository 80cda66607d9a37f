#include "gslbd/descriptors.h"

#include <stdbool.h>
#include <sys/resource.h>
#include "base/log.h"

#define BESIDE     1024 /* store, databases, admin connections, checks, resolver */
#define PER_WORKER 16

void descriptors_raise(unsigned long tcp_clients, unsigned workers)
{
        rlim_t wanted = tcp_clients + (rlim_t)workers * PER_WORKER + BESIDE;
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= wanted)
                return;
        limit.rlim_cur = limit.rlim_max == RLIM_INFINITY || limit.rlim_max > wanted ? wanted : limit.rlim_max;
        bool raised = !setrlimit(RLIMIT_NOFILE, &limit);
        if (!raised || limit.rlim_cur < wanted)
                log_warning("gslbd",
                            "tcp.clients is %lu, which with all else needs %lu open files; this process may have %lu: "
                            "raise "
                            "its limit (LimitNOFILE= of the unit, ulimit -Hn) or lower tcp.clients",
                            tcp_clients, (unsigned long)wanted, (unsigned long)limit.rlim_cur);
}
