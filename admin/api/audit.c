#include "admin/api/audit.h"

#include "admin/api/handlers.h"
#include "base/log.h"

static void refused(const struct call *c, const char *method, const char *path, const char *from)
{
        static struct log_limit limit;
        const char *why = c->detail ? c->detail : "";

        if (c->is_known)
                log_warning("audit", "refused %s %s of \"%s\" from %s: %d, %s", method, path, c->who, from,
                            c->reply.status, why);
        else
                log_limited(&limit, LOG_LEVEL_WARNING, "audit", "refused %s %s from %s: %d, %s", method, path, from,
                            c->reply.status, why);
}

static void done(const struct call *c, const char *method, const char *path, const char *from)
{
        if (c->revision)
                log_info("audit", "%s %s of \"%s\" from %s: revision %llu", method, path, c->who, from,
                         (unsigned long long)c->revision);
        else
                log_info("audit", "%s %s of \"%s\" from %s: done", method, path, c->who, from);
}

void audit_call(const struct call *c)
{
        const char *method = method_names[c->method];
        char from[PEER_TEXT_MAX];

        peer_text(&c->from, from);
        if (c->reply.status == 401 || c->reply.status == 403 || c->reply.status == 409 || c->reply.status == 412 ||
            c->reply.status == 429)
                refused(c, method, c->path, from);
        else if (c->revision || (c->reply.status / 100 == 2 && c->route && c->route->changes && !c->route->constant &&
                                 !call_is_dry(c)))
                done(c, method, c->path, from);
}
