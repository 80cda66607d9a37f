#include "admin/http/running.h"

#include <setjmp.h>
#include "base/log.h"

void call_run(struct call *call, void (*run)(struct call *))
{
        jmp_buf failure;

        if (setjmp(failure)) {
                static struct log_limit limit;
                arena_on_failure(call->arena, NULL);
                log_limited(&limit, LOG_LEVEL_ERROR, "api", "memory ended in a call, after %zu bytes",
                            arena_size(call->arena));
                if (!call_answered(call))
                        reply_without_memory(call, "the call took more memory than there is for one");
                return;
        }
        arena_limit(call->arena, call->memory_limit);
        arena_on_failure(call->arena, &failure);
        run(call);
        arena_on_failure(call->arena, NULL);
}

void call_finish(struct call *call, void (*finish)(struct call *))
{
        call_run(call, finish);
        call->end(call);
}
