#include "admin/plan_make.h"

#include <string.h>
#include "zones/name.h"

static enum check_type check_type_of(const struct monitor *m)
{
        switch ((enum monitor_type)m->type) {
        case MONITOR_HTTP:
                return CHECK_HTTP;
        case MONITOR_HTTPS:
                return CHECK_HTTPS;
        case MONITOR_TCP:
                break;
        }
        return CHECK_TCP;
}

static uint16_t check_port(const struct monitor *m, const struct endpoint *e)
{
        if (e->port)
                return (uint16_t)e->port;
        if (m->port)
                return (uint16_t)m->port;
        return m->type == MONITOR_HTTPS ? 443 : 80;
}

static void copy_headers(struct arena *a, const struct monitor *m, struct check *c)
{
        if (!m->headers)
                return;
        struct check_header *headers = ARENA_ARRAY(a, struct check_header, m->headers->count);
        doc_each (member, m->headers) {
                headers[c->header_count].name = arena_strdup(a, member->key);
                headers[c->header_count++].value = arena_strdup(a, member->string);
        }
        c->headers = headers;
}

static void copy_status(struct arena *a, const struct monitor *m, struct check *c)
{
        const struct status_range *from = m->expect.status.items;
        struct check_status_range *to = ARENA_ARRAY(a, struct check_status_range, m->expect.status.count);
        for (uint32_t i = 0; i < m->expect.status.count; i++)
                to[i] = (struct check_status_range){from[i].first, from[i].last};
        c->status = to;
        c->status_count = m->expect.status.count;
}

static const char *copy(struct arena *a, const char *text)
{
        return text ? arena_strdup(a, text) : NULL;
}

static void check_make(struct arena *a, const struct model *model, uint32_t number, struct check *c)
{
        const struct endpoint *e = model->endpoints[number];
        const struct monitor *m = &model->monitors[e->monitor];
        char id[512];

        c->id = arena_strdup(a, endpoint_id(model, number, id, sizeof(id)));
        c->monitor = arena_strdup(a, m->name);
        c->type = check_type_of(m);
        if (e->type == ENDPOINT_CNAME) {
                char host[NAME_TEXT_MAX];
                c->host_name = arena_strdup(a, name_format(e->cname, host));
        } else {
                c->address = e->address;
        }
        c->port = check_port(m, e);
        c->interval_ms = m->interval_ms;
        c->timeout_ms = m->timeout_ms;
        c->rise = (uint32_t)m->rise;
        c->fall = (uint32_t)m->fall;
        c->path = copy(a, m->path);
        c->method = copy(a, m->method);
        c->host = copy(a, m->host);
        copy_headers(a, m, c);
        copy_status(a, m, c);
        c->tls_verify = m->tls.verify;
        c->tls_ca_file = copy(a, m->tls.ca_file);
        c->tls_name = copy(a, m->tls.name);
}

struct plan *plan_make(const struct model *model)
{
        struct plan *plan = plan_new(model->revision);
        struct check *checks = ARENA_ARRAY(plan->arena, struct check, model->endpoint_count);
        uint32_t count = 0;

        for (uint32_t i = 0; i < model->endpoint_count; i++)
                if (model->endpoints[i]->monitor != MODEL_NONE && model->endpoints[i]->enabled)
                        check_make(plan->arena, model, i, &checks[count++]);
        plan_set(plan, checks, count);
        return plan;
}
