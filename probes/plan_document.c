/* Plans as documents: what a gslbd tells its probers. */
#include <stdlib.h>
#include "base/schema.h"
#include "probes/plan.h"

static const char *const type_names[] = {"http", "https", "tcp", NULL};
static const char *const version_names[] = {"auto", "1.1", "2", NULL};

static void add_optional(struct arena *a, struct doc *d, const char *key, const char *text)
{
        if (text)
                doc_add_string(a, d, key, text);
}

static void add_headers(struct arena *a, struct doc *d, const struct check_header *headers, uint32_t count)
{
        struct doc *list = doc_add_list(a, d, "headers");

        for (uint32_t i = 0; i < count; i++) {
                struct doc *header = doc_add_map(a, list, NULL);
                doc_add_string(a, header, "name", headers[i].name);
                doc_add_string(a, header, "value", headers[i].value);
        }
}

static void add_content(struct arena *a, struct doc *d, const char *key, const struct check_content *content)
{
        struct doc *one = doc_add_map(a, d, key);

        add_headers(a, one, content->headers, content->header_count);
        add_optional(a, one, "body", content->body);
        add_optional(a, one, "body_regex", content->body_regex);
}

static struct doc *check_to_doc(const struct check *c, struct arena *a)
{
        struct doc *d = doc_new(a, DOC_MAP), *list;
        char address[ADDRESS_TEXT_MAX];

        doc_add_string(a, d, "id", c->id);
        doc_add_string(a, d, "monitor", c->monitor);
        doc_add_string(a, d, "type", type_names[c->type]);
        if (c->host_name)
                doc_add_string(a, d, "host_name", c->host_name);
        else
                doc_add_string(a, d, "address", address_format(&c->address, address));
        doc_add_int(a, d, "port", c->port);
        doc_add_int(a, d, "interval_ms", c->interval_ms);
        doc_add_int(a, d, "timeout_ms", c->timeout_ms);
        doc_add_int(a, d, "rise", c->rise);
        doc_add_int(a, d, "fall", c->fall);
        doc_add_bool(a, d, "paused", c->paused);
        doc_add_int(a, d, "fast_interval_ms", c->fast_interval_ms);
        doc_add_int(a, d, "down_interval_ms", c->down_interval_ms);
        doc_add_int(a, d, "retries", c->retries);
        doc_add_int(a, d, "jitter_percent", c->jitter_percent);
        doc_add_bool(a, d, "wait", c->rule.before == CHECK_BEFORE_WAIT);
        add_optional(a, d, "path", c->path);
        add_optional(a, d, "method", c->method);
        add_optional(a, d, "host", c->host);
        add_headers(a, d, c->headers, c->header_count);
        add_optional(a, d, "body", c->body);
        add_optional(a, d, "user_agent", c->user_agent);
        doc_add_string(a, d, "http_version", version_names[c->http_version]);
        doc_add_bool(a, d, "follow_redirects", c->follow_redirects);
        list = doc_add_list(a, d, "status");
        for (uint32_t i = 0; i < c->status_count; i++) {
                struct doc *range = doc_add_map(a, list, NULL);
                doc_add_int(a, range, "first", c->status[i].first);
                doc_add_int(a, range, "last", c->status[i].last);
        }
        add_content(a, d, "expect", &c->expect);
        add_content(a, d, "refuse", &c->refuse);
        doc_add_bool(a, d, "tls_verify", c->tls_verify);
        add_optional(a, d, "tls_ca_file", c->tls_ca_file);
        add_optional(a, d, "tls_name", c->tls_name);
        add_optional(a, d, "tls_cert_file", c->tls_cert_file);
        add_optional(a, d, "tls_key_file", c->tls_key_file);
        return d;
}

struct doc *plan_to_doc(const struct plan *p, struct arena *a)
{
        struct doc *d = doc_new(a, DOC_MAP), *list;

        doc_add_int(a, d, "revision", (int64_t)p->revision);
        list = doc_add_list(a, d, "checks");
        for (uint32_t i = 0; i < p->count; i++)
                doc_add(list, NULL, check_to_doc(&p->checks[i], a));
        return d;
}

/* The documents' forms: what the schema fills, before it becomes a struct check. */
struct content_form {
        struct list headers;
        const char *body, *body_regex;
};

struct check_form {
        const char *id, *monitor, *host_name, *path, *method, *host, *tls_ca_file, *tls_name, *tls_cert_file,
                *tls_key_file, *body, *user_agent;
        int type, http_version;
        struct address address;
        int64_t port, interval_ms, timeout_ms, rise, fall;
        int64_t fast_interval_ms, down_interval_ms, retries, jitter_percent;
        struct list headers, status;
        struct content_form expect, refuse;
        bool tls_verify, follow_redirects, paused, wait;
};

struct range_form {
        int64_t first, last;
};

struct plan_form {
        int64_t revision;
        struct list checks;
};

static const struct field header_fields[] = {
        {.name = "name", .type = FIELD_STRING, .offset = offsetof(struct check_header, name), .required = true},
        {.name = "value", .type = FIELD_STRING, .offset = offsetof(struct check_header, value), .required = true},
        {0},
};
static const struct schema header_schema = {
        .name = "header", .size = sizeof(struct check_header), .fields = header_fields};

#define CONTENT(member) .offset = offsetof(struct content_form, member)
static const struct field content_fields[] = {
        {.name = "headers", .type = FIELD_LIST, CONTENT(headers), .item = &header_schema, .max = 100},
        {.name = "body", .type = FIELD_STRING, CONTENT(body), .max = 1000},
        {.name = "body_regex", .type = FIELD_STRING, CONTENT(body_regex), .max = 500},
        {0},
};
static const struct schema content_schema = {
        .name = "content", .size = sizeof(struct content_form), .fields = content_fields};

static const struct field range_fields[] = {
        {.name = "first",
         .type = FIELD_INT,
         .offset = offsetof(struct range_form, first),
         .required = true,
         .min = 1,
         .max = 999},
        {.name = "last",
         .type = FIELD_INT,
         .offset = offsetof(struct range_form, last),
         .required = true,
         .min = 1,
         .max = 999},
        {0},
};
static const struct schema range_schema = {.name = "range", .size = sizeof(struct range_form), .fields = range_fields};

#define FORM(member) .offset = offsetof(struct check_form, member)
static const struct field check_fields[] = {
        {.name = "id", .type = FIELD_STRING, FORM(id), .required = true, .max = 400},
        {.name = "monitor", .type = FIELD_STRING, FORM(monitor), .fallback = "\"\""},
        {.name = "type", .type = FIELD_ENUM, FORM(type), .required = true, .names = type_names},
        {.name = "address", .type = FIELD_ADDRESS, FORM(address)},
        {.name = "host_name", .type = FIELD_STRING, FORM(host_name), .max = 1023},
        {.name = "port", .type = FIELD_INT, FORM(port), .required = true, .min = 1, .max = 65535},
        {.name = "interval_ms", .type = FIELD_INT, FORM(interval_ms), .required = true, .min = 10, .max = 86400000},
        {.name = "timeout_ms", .type = FIELD_INT, FORM(timeout_ms), .required = true, .min = 1, .max = 86400000},
        {.name = "rise", .type = FIELD_INT, FORM(rise), .required = true, .min = 1, .max = 1000},
        {.name = "fall", .type = FIELD_INT, FORM(fall), .required = true, .min = 1, .max = 1000},
        {.name = "paused", .type = FIELD_BOOL, FORM(paused), .fallback = "false"},
        {.name = "fast_interval_ms", .type = FIELD_INT, FORM(fast_interval_ms), .min = 0, .max = 86400000},
        {.name = "down_interval_ms", .type = FIELD_INT, FORM(down_interval_ms), .min = 0, .max = 86400000},
        {.name = "retries", .type = FIELD_INT, FORM(retries), .min = 0, .max = 1000},
        {.name = "jitter_percent", .type = FIELD_INT, FORM(jitter_percent), .min = 0, .max = 50},
        {.name = "wait", .type = FIELD_BOOL, FORM(wait), .fallback = "true"},
        {.name = "path", .type = FIELD_STRING, FORM(path)},
        {.name = "method", .type = FIELD_STRING, FORM(method)},
        {.name = "host", .type = FIELD_STRING, FORM(host)},
        {.name = "headers", .type = FIELD_LIST, FORM(headers), .item = &header_schema, .max = 100},
        {.name = "status", .type = FIELD_LIST, FORM(status), .item = &range_schema, .max = 100},
        {.name = "tls_verify", .type = FIELD_BOOL, FORM(tls_verify), .fallback = "true"},
        {.name = "tls_ca_file", .type = FIELD_STRING, FORM(tls_ca_file)},
        {.name = "tls_name", .type = FIELD_STRING, FORM(tls_name)},
        {.name = "tls_cert_file", .type = FIELD_STRING, FORM(tls_cert_file)},
        {.name = "tls_key_file", .type = FIELD_STRING, FORM(tls_key_file)},
        {.name = "body", .type = FIELD_STRING, FORM(body), .max = 65536},
        {.name = "user_agent", .type = FIELD_STRING, FORM(user_agent), .max = 200},
        {.name = "http_version",
         .type = FIELD_ENUM,
         FORM(http_version),
         .fallback = "\"auto\"",
         .names = version_names},
        {.name = "follow_redirects", .type = FIELD_BOOL, FORM(follow_redirects), .fallback = "false"},
        {.name = "expect", .type = FIELD_MAP, FORM(expect), .item = &content_schema, .fallback = "{}"},
        {.name = "refuse", .type = FIELD_MAP, FORM(refuse), .item = &content_schema, .fallback = "{}"},
        {0},
};
static const struct schema check_schema = {.name = "check", .size = sizeof(struct check_form), .fields = check_fields};

static const struct field plan_fields[] = {
        {.name = "revision", .type = FIELD_INT, .offset = offsetof(struct plan_form, revision), .required = true},
        {.name = "checks",
         .type = FIELD_LIST,
         .offset = offsetof(struct plan_form, checks),
         .required = true,
         .item = &check_schema},
        {0},
};
static const struct schema plan_schema = {.name = "plan", .size = sizeof(struct plan_form), .fields = plan_fields};

static struct check_content content_from_form(const struct content_form *f)
{
        return (struct check_content){f->headers.items, f->headers.count, f->body, f->body_regex};
}

static void check_from_form(const struct check_form *f, struct arena *a, struct check *c)
{
        const struct range_form *ranges = f->status.items;
        struct check_status_range *status = ARENA_ARRAY(a, struct check_status_range, f->status.count);

        for (uint32_t i = 0; i < f->status.count; i++)
                status[i] = (struct check_status_range){(uint16_t)ranges[i].first, (uint16_t)ranges[i].last};
        *c = (struct check){
                .id = f->id,
                .monitor = f->monitor,
                .type = (enum check_type)f->type,
                .address = f->address,
                .host_name = f->host_name,
                .port = (uint16_t)f->port,
                .interval_ms = f->interval_ms,
                .timeout_ms = f->timeout_ms,
                .rise = (uint32_t)f->rise,
                .fall = (uint32_t)f->fall,
                .paused = f->paused,
                .fast_interval_ms = f->fast_interval_ms,
                .down_interval_ms = f->down_interval_ms,
                .retries = (uint32_t)f->retries,
                .jitter_percent = (uint32_t)f->jitter_percent,
                .rule.before = f->wait ? CHECK_BEFORE_WAIT : CHECK_BEFORE_UP,
                .path = f->path,
                .method = f->method,
                .host = f->host,
                .headers = f->headers.items,
                .header_count = f->headers.count,
                .status = status,
                .status_count = f->status.count,
                .tls_verify = f->tls_verify,
                .tls_ca_file = f->tls_ca_file,
                .tls_name = f->tls_name,
                .tls_cert_file = f->tls_cert_file,
                .tls_key_file = f->tls_key_file,
                .body = f->body,
                .user_agent = f->user_agent,
                .http_version = (enum check_http_version)f->http_version,
                .follow_redirects = f->follow_redirects,
                .expect = content_from_form(&f->expect),
                .refuse = content_from_form(&f->refuse),
        };
}

struct plan *plan_from_doc(const struct doc *d, struct problems *problems)
{
        struct plan *p = plan_new(0);
        struct plan_form form;

        if (!schema_decode(&plan_schema, d, p->arena, &form, problems)) {
                plan_free(p);
                return NULL;
        }
        const struct check_form *forms = form.checks.items;
        struct check *checks = ARENA_ARRAY(p->arena, struct check, form.checks.count);
        for (uint32_t i = 0; i < form.checks.count; i++) {
                check_from_form(&forms[i], p->arena, &checks[i]);
                if (checks[i].address.family == ADDRESS_NONE && !checks[i].host_name)
                        problems_add(problems, "checks", 0, "%s has neither an address nor a host name", checks[i].id);
        }
        if (problems->count) {
                plan_free(p);
                return NULL;
        }
        p->revision = (uint64_t)form.revision;
        plan_set(p, checks, form.checks.count);
        return p;
}
