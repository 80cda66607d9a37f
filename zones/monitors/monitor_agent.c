#include "zones/monitors/monitor_agent.h"

#include <stddef.h>

static const struct field agent_fields[] = {
        OPTIONAL_STRING("send", monitor_agent, send, "agent: text sent before its line is read; nothing when not given",
                        .max = 1000),
        BOOL("required", monitor_agent, required, true,
             "agent: whether one that cannot be reached or read is down; false: it then says nothing"),
        {0},
};
const struct schema monitor_agent_schema = {
        .name = "agent", .size = sizeof(struct monitor_agent), .fields = agent_fields};
