/* Any bytes as what an endpoint replies to a check: memory safe, and what is read are numbers in their bounds. The
 * first byte chooses: p Prometheus text, h HAProxy's CSV, else the line of an agent. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "probes/checks/agent.h"
#include "probes/checks/exposition.h"
#include "tests/fuzz/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_metrics(const char *text, size_t length, char first)
{
        static const char *const prometheus[] = {"load", "load{a=\"b\"}", "load{a=\"\\\"}\",b=\"\"}"};
        static const char *const haproxy[] = {"web/FRONTEND:scur", "web/a:weight", "be/BACKEND:status"};
        double value;

        for (int i = 0; i < 3; i++)
                if (first == 'p' ? exposition_prometheus(text, length, prometheus[i], &value)
                                 : exposition_haproxy_csv(text, length, haproxy[i], &value))
                        must(!isnan(value));
}

static void read_agent(const char *text, size_t length)
{
        struct check_result result = {0};

        if (!agent_read(text, length, &result))
                return;
        must(result.figures.admin <= ADMIN_MAINT);
        must(memchr(result.detail, '\0', sizeof(result.detail)) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        if (!size)
                return 0;
        char *exact = malloc(size - 1 ? size - 1 : 1); /* nothing behind it may be read */
        must(exact != NULL);
        memcpy(exact, data + 1, size - 1);
        if (data[0] == 'p' || data[0] == 'h')
                read_metrics(exact, size - 1, (char)data[0]);
        else
                read_agent(exact, size - 1);
        free(exact);
        return 0;
}
