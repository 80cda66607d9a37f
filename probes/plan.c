#include "probes/plan.h"

#include <stdlib.h>
#include <string.h>
#include "base/memory.h"

struct plan *plan_new(uint64_t revision)
{
        struct plan *p = memory_alloc(sizeof(*p));
        p->arena = arena_new(0);
        p->revision = revision;
        return p;
}

void plan_free(struct plan *p)
{
        if (!p)
                return;
        arena_free(p->arena);
        free(p);
}

static int compare_checks(const void *a, const void *b)
{
        return strcmp(((const struct check *)a)->id, ((const struct check *)b)->id);
}

void plan_set(struct plan *p, struct check *checks, uint32_t count)
{
        if (count > 1)
                qsort(checks, count, sizeof(*checks), compare_checks);
        p->checks = checks;
        p->count = count;
}

bool check_is_for(const struct check *c, const char *prober)
{
        for (uint32_t i = 0; i < c->rule.prober_count; i++)
                if (!strcmp(c->rule.probers[i], prober))
                        return true;
        return !c->rule.prober_count;
}

static bool same_text(const char *a, const char *b)
{
        return a == b || (a && b && !strcmp(a, b));
}

static bool same_headers(const struct check_header *a, uint32_t a_count, const struct check_header *b, uint32_t b_count)
{
        if (a_count != b_count)
                return false;
        for (uint32_t i = 0; i < a_count; i++)
                if (strcmp(a[i].name, b[i].name) || strcmp(a[i].value, b[i].value))
                        return false;
        return true;
}

static bool same_content(const struct check_content *a, const struct check_content *b)
{
        return same_headers(a->headers, a->header_count, b->headers, b->header_count) && same_text(a->body, b->body) &&
               same_text(a->body_regex, b->body_regex);
}

static bool same_http(const struct check *a, const struct check *b)
{
        if (a->status_count != b->status_count)
                return false;
        for (uint32_t i = 0; i < a->status_count; i++)
                if (a->status[i].first != b->status[i].first || a->status[i].last != b->status[i].last)
                        return false;
        return same_text(a->path, b->path) && same_text(a->method, b->method) && same_text(a->host, b->host) &&
               a->tls_verify == b->tls_verify && same_text(a->tls_ca_file, b->tls_ca_file) &&
               same_text(a->tls_name, b->tls_name) && same_text(a->tls_cert_file, b->tls_cert_file) &&
               same_text(a->tls_key_file, b->tls_key_file) &&
               same_headers(a->headers, a->header_count, b->headers, b->header_count) && same_text(a->body, b->body) &&
               same_text(a->user_agent, b->user_agent) && a->http_version == b->http_version &&
               a->follow_redirects == b->follow_redirects && same_content(&a->expect, &b->expect) &&
               same_content(&a->refuse, &b->refuse);
}

bool check_equal(const struct check *a, const struct check *b)
{
        return !strcmp(a->id, b->id) && a->type == b->type && address_equal(&a->address, &b->address) &&
               same_text(a->host_name, b->host_name) && a->port == b->port && a->interval_ms == b->interval_ms &&
               a->timeout_ms == b->timeout_ms && a->rise == b->rise && a->fall == b->fall && a->paused == b->paused &&
               a->fast_interval_ms == b->fast_interval_ms && a->down_interval_ms == b->down_interval_ms &&
               a->retries == b->retries && a->jitter_percent == b->jitter_percent && same_http(a, b);
}

/* --- copies --- */

static const char *copy_text(struct arena *a, const char *text)
{
        return text ? arena_strdup(a, text) : NULL;
}

static const struct check_header *copy_headers(struct arena *a, const struct check_header *from, uint32_t count)
{
        struct check_header *to = ARENA_ARRAY(a, struct check_header, count);

        for (uint32_t i = 0; i < count; i++)
                to[i] = (struct check_header){arena_strdup(a, from[i].name), arena_strdup(a, from[i].value)};
        return to;
}

static struct check_content copy_content(struct arena *a, const struct check_content *c)
{
        return (struct check_content){copy_headers(a, c->headers, c->header_count), c->header_count,
                                      copy_text(a, c->body), copy_text(a, c->body_regex)};
}

static struct check copy_check(struct arena *a, const struct check *c)
{
        struct check copy = *c;
        struct check_status_range *status = ARENA_ARRAY(a, struct check_status_range, c->status_count);

        for (uint32_t i = 0; i < c->status_count; i++)
                status[i] = c->status[i];
        copy.status = status;
        copy.headers = copy_headers(a, c->headers, c->header_count);
        copy.expect = copy_content(a, &c->expect);
        copy.refuse = copy_content(a, &c->refuse);
        copy.rule.probers = NULL; /* who else checks is not the prober's business */
        copy.rule.prober_count = 0;
        const char **texts[] = {&copy.id,          &copy.monitor,  &copy.host_name,     &copy.path,
                                &copy.method,      &copy.host,     &copy.body,          &copy.user_agent,
                                &copy.tls_ca_file, &copy.tls_name, &copy.tls_cert_file, &copy.tls_key_file};
        for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
                *texts[i] = copy_text(a, *texts[i]);
        return copy;
}

struct plan *plan_for_prober(const struct plan *p, const char *prober)
{
        struct plan *copy = plan_new(p->revision);
        struct check *checks = ARENA_ARRAY(copy->arena, struct check, p->count);
        uint32_t count = 0;

        for (uint32_t i = 0; i < p->count; i++)
                if (check_is_for(&p->checks[i], prober))
                        checks[count++] = copy_check(copy->arena, &p->checks[i]);
        plan_set(copy, checks, count);
        return copy;
}
