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

static const char *copy(struct arena *a, const char *text)
{
        return text ? arena_strdup(a, text) : NULL;
}

static const struct check_header *copy_headers(struct arena *a, const struct doc *from, uint32_t *count)
{
        *count = 0;
        if (!from)
                return NULL;
        struct check_header *headers = ARENA_ARRAY(a, struct check_header, from->count);
        doc_each (member, from) {
                headers[*count].name = arena_strdup(a, member->key);
                headers[(*count)++].value = arena_strdup(a, member->string);
        }
        return headers;
}

static void copy_expect(struct arena *a, const struct monitor *m, struct check *c)
{
        c->expect.headers = copy_headers(a, m->expect.headers, &c->expect.header_count);
        c->expect.body = copy(a, m->expect.body);
        c->expect.body_regex = copy(a, m->expect.body_regex);
        c->refuse.headers = copy_headers(a, m->expect.not_.headers, &c->refuse.header_count);
        c->refuse.body = copy(a, m->expect.not_.body);
        c->refuse.body_regex = copy(a, m->expect.not_.body_regex);
}

static enum check_http_version version_of(const struct monitor *m)
{
        switch ((enum monitor_http)m->http_version) {
        case MONITOR_HTTP_1_1:
                return CHECK_HTTP_1_1;
        case MONITOR_HTTP_2:
                return CHECK_HTTP_2;
        case MONITOR_HTTP_AUTO:
                break;
        }
        return CHECK_HTTP_AUTO;
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

/* Names of probers; those of a region are looked up now. */
static void copy_probers(struct arena *a, const struct model *model, const struct monitor *m, struct check *c)
{
        const char *const *from = m->probers.items;
        const char **names =
                ARENA_ARRAY(a, const char *, m->probers.count + model->count[KIND_PROBERS] * m->probers.count);

        for (uint32_t i = 0; i < m->probers.count; i++) {
                bool region = !strncmp(from[i], "region:", 7);
                if (!region)
                        names[c->rule.prober_count++] = arena_strdup(a, from[i]);
                for (uint32_t n = 0; region && n < model->count[KIND_PROBERS]; n++) {
                        const struct prober *p = &model->probers[n];
                        if (p->region_name && !strcmp(p->region_name, from[i] + 7))
                                names[c->rule.prober_count++] = arena_strdup(a, p->name);
                }
        }
        if (m->probers.count && !c->rule.prober_count) /* a region without probers is not the same as no list */
                names[c->rule.prober_count++] = "";
        c->rule.probers = names;
}

static void copy_rule(struct arena *a, const struct model *model, const struct monitor *m, struct check *c)
{
        static const enum check_before befores[] = {
                [BEFORE_WAIT] = CHECK_BEFORE_WAIT, [BEFORE_UP] = CHECK_BEFORE_UP, [BEFORE_DOWN] = CHECK_BEFORE_DOWN};
        static const enum check_quorum quorums[] = {[QUORUM_MAJORITY] = CHECK_QUORUM_MAJORITY,
                                                    [QUORUM_ANY] = CHECK_QUORUM_ANY,
                                                    [QUORUM_ALL] = CHECK_QUORUM_ALL,
                                                    [QUORUM_COUNT] = CHECK_QUORUM_COUNT,
                                                    [QUORUM_PERCENT] = CHECK_QUORUM_PERCENT};

        c->rule = (struct check_rule){
                .before = befores[m->before_first_check],
                .quorum = quorums[m->quorum.rule],
                .quorum_n = (uint32_t)m->quorum.n,
                .stale_after_ms = m->stale_after_ms,
                .quarantine_changes = (uint32_t)m->quarantine.changes,
                .quarantine_window_ms = m->quarantine.window_ms,
                .quarantine_for_ms = m->quarantine.for_ms,
        };
        copy_probers(a, model, m, c);
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
        c->paused = !m->enabled;
        c->fast_interval_ms = m->fast_interval_ms;
        c->down_interval_ms = m->down_interval_ms;
        c->retries = (uint32_t)m->retries;
        c->jitter_percent = (uint32_t)m->jitter_percent;
        copy_rule(a, model, m, c);
        c->rise = (uint32_t)m->rise;
        c->fall = (uint32_t)m->fall;
        c->path = copy(a, m->path);
        c->method = copy(a, m->method);
        c->host = copy(a, m->host);
        c->headers = copy_headers(a, m->headers, &c->header_count);
        c->body = copy(a, m->body);
        c->user_agent = copy(a, m->user_agent);
        c->http_version = version_of(m);
        c->follow_redirects = m->follow_redirects;
        copy_status(a, m, c);
        copy_expect(a, m, c);
        c->tls_verify = m->tls.verify;
        c->tls_ca_file = copy(a, m->tls.ca_file);
        c->tls_name = copy(a, m->tls.name);
        c->tls_cert_file = copy(a, m->tls.cert_file);
        c->tls_key_file = copy(a, m->tls.key_file);
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
