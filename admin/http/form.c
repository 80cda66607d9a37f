/* What a caller says: the parameters of the path and the body, each read in one way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "admin/http/http.h"
#include "base/documents/schema.h"

enum parameter_type { TYPE_FLAG, TYPE_NUMBER, TYPE_TEXT };

static const struct {
        const char *name;
        enum parameter_type type;
} parameters[PARAMETER_COUNT] = {
        [PARAMETER_DRY_RUN] = {"dry_run", TYPE_FLAG},
        [PARAMETER_PRUNE] = {"prune", TYPE_FLAG},
        [PARAMETER_PRUNE_KIND] = {"prune_kind", TYPE_TEXT},
        [PARAMETER_FORCE] = {"force", TYPE_FLAG},
        [PARAMETER_OVERWRITE] = {"overwrite", TYPE_FLAG},
        [PARAMETER_WITH_DRAINS] = {"with_drains", TYPE_FLAG},
        [PARAMETER_DEFAULTS] = {"defaults", TYPE_FLAG},
        [PARAMETER_CHANGES] = {"changes", TYPE_FLAG},
        [PARAMETER_LIMIT] = {"limit", TYPE_NUMBER},
        [PARAMETER_AFTER] = {"after", TYPE_TEXT},
        [PARAMETER_AFTER_NUMBER] = {"after", TYPE_NUMBER},
        [PARAMETER_BEFORE] = {"before", TYPE_NUMBER},
        [PARAMETER_COMMENT] = {"comment", TYPE_TEXT},
        [PARAMETER_REASON] = {"reason", TYPE_TEXT},
        [PARAMETER_NAME] = {"name", TYPE_TEXT},
        [PARAMETER_TYPE] = {"type", TYPE_TEXT},
        [PARAMETER_CLIENT] = {"client", TYPE_TEXT},
        [PARAMETER_OF_POOL] = {"pool", TYPE_TEXT},
        [PARAMETER_OF_REGION] = {"region", TYPE_TEXT},
        [PARAMETER_LABEL] = {"label", TYPE_TEXT},
        [PARAMETER_STATE] = {"state", TYPE_TEXT},
        [PARAMETER_PREFIX] = {"prefix", TYPE_TEXT},
        [PARAMETER_ENDPOINTS] = {"endpoints", TYPE_TEXT},
        [PARAMETER_OF_SERVICE] = {"service", TYPE_TEXT},
        [PARAMETER_BY] = {"by", TYPE_TEXT},
        [PARAMETER_SINCE] = {"since", TYPE_TEXT},
        [PARAMETER_SINCE_TIME] = {"since", TYPE_TEXT},
        [PARAMETER_AUTHOR] = {"author", TYPE_TEXT},
        [PARAMETER_KINDS] = {"kinds", TYPE_TEXT},
        [PARAMETER_DOWN] = {"down", TYPE_TEXT},
        [PARAMETER_CONFIRM_WITHIN] = {"confirm_within", TYPE_TEXT},
        [PARAMETER_ABORT_IF] = {"abort_if", TYPE_TEXT},
        [PARAMETER_CHECK_FIRST] = {"check_first", TYPE_FLAG},
        [PARAMETER_CHECK_WITHIN] = {"check_within", TYPE_TEXT},
        [PARAMETER_AT] = {"at", TYPE_TEXT},
};

/* --- parameters --- */

static void refuse_parameter(struct call *c, uint64_t known, const char *name)
{
        char list[200] = "";
        size_t n = 0;

        for (int p = 0; p < PARAMETER_COUNT; p++)
                if (known & UINT64_C(1) << p)
                        n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", n ? ", " : "", parameters[p].name);
        reply_problem(c, 400, "there is no parameter \"%s\" here; %s%s", name,
                      n ? "known are: " : "this call takes none", list);
}

static bool read_flag(struct call *c, enum parameter p, const char *value)
{
        static const char *const yes[] = {"", "true", "1", "yes"};

        for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
                if (!strcasecmp(value, yes[i]))
                        return true;
        reply_problem(c, 400, "%s: expected true, 1, yes or no value, or to be left out, got \"%s\"",
                      parameters[p].name, value);
        return false;
}

static bool read_number(struct call *c, enum parameter p, const char *value, uint32_t limit_most)
{
        size_t digits = strspn(value, "0123456789");
        bool good = digits && !value[digits] && digits < 19;

        c->numbers[p] = good ? strtoull(value, NULL, 10) : 0;
        if (p == PARAMETER_LIMIT && (!good || c->numbers[p] < 1 || c->numbers[p] > limit_most)) {
                reply_problem(c, 400, "limit: expected an integer from 1 to %u, got \"%s\"", limit_most, value);
                return false;
        }
        if (!good)
                reply_problem(c, 400, "%s: expected a number, got \"%s\"", parameters[p].name, value);
        return good;
}

static bool read_parameter(struct call *c, uint64_t known, uint32_t limit_most, const char *name, const char *value)
{
        int p = 0;

        while (p < PARAMETER_COUNT && (!(known & UINT64_C(1) << p) || strcmp(parameters[p].name, name)))
                p++;
        if (p == PARAMETER_COUNT) {
                refuse_parameter(c, known, name);
                return false;
        }
        if (c->texts[p]) {
                reply_problem(c, 400, "%s: expected once", name);
                return false;
        }
        c->texts[p] = value;
        if (parameters[p].type == TYPE_FLAG)
                return read_flag(c, (enum parameter)p, value);
        return parameters[p].type == TYPE_TEXT || read_number(c, (enum parameter)p, value, limit_most);
}

/* A word that says nothing without the other is refused, not dropped. */
static bool check_reason(struct call *c)
{
        const char *reason = c->texts[PARAMETER_REASON];

        if (!reason || (*reason && c->texts[PARAMETER_FORCE]))
                return true;
        reply_problem(
                c, 400,
                *reason ? "reason goes with force: it says why a rule is broken; comment says what a change is for"
                        : "reason: expected why, got \"\"");
        return false;
}

bool call_parameters(struct call *c, uint64_t known, uint32_t limit_most)
{
        const char *at = c->head->query;

        while (at && *at) {
                size_t length = strcspn(at, "&"), name_length = strcspn(at, "=&");
                const char *rest = at + name_length + (name_length < length);
                const char *name = percent_decode(c->arena, at, name_length, true);
                const char *value = percent_decode(c->arena, rest, (size_t)(at + length - rest), true);
                if (!name || !value) {
                        reply_problem(c, 400, "the path's parameters are not valid");
                        return false;
                }
                if (length && !read_parameter(c, known, limit_most, name, value))
                        return false;
                at += length + (at[length] == '&');
        }
        return check_reason(c);
}

const char *parameter_name(enum parameter p)
{
        return parameters[p].name;
}

bool call_flag(const struct call *c, enum parameter p)
{
        return c->texts[p] != NULL;
}

const char *call_text(const struct call *c, enum parameter p)
{
        return c->texts[p];
}

uint64_t call_number(const struct call *c, enum parameter p, uint64_t when_absent)
{
        return c->texts[p] ? c->numbers[p] : when_absent;
}

/* --- bodies --- */

static bool is_type(const char *header, const char *type)
{
        size_t n = strlen(type);
        return !strncasecmp(header, type, n) && (!header[n] || header[n] == ';' || header[n] == ' ');
}

/* false: it is another. */
static bool body_format(const struct call *c, enum doc_format *format)
{
        static const char *const json[] = {"application/json", "application/merge-patch+json",
                                           "application/x-www-form-urlencoded"}; /* what curl -d says */
        static const char *const yaml[] = {"application/yaml", "application/x-yaml", "text/yaml"};
        const char *type = call_header(c, "Content-Type");

        *format = DOC_JSON;
        for (size_t i = 0; i < sizeof(json) / sizeof(*json); i++)
                if (!type || is_type(type, json[i]))
                        return true;
        *format = DOC_YAML;
        for (size_t i = 0; i < sizeof(yaml) / sizeof(*yaml); i++)
                if (is_type(type, yaml[i]))
                        return true;
        return false;
}

static void body_is(struct call *c, int status, const char *detail)
{
        c->body.status = status;
        c->body.detail = detail;
}

void call_read_body(struct call *c, const struct doc_limits *limits)
{
        const struct body *body = &c->request->body;
        enum doc_format format;

        c->body.length = body->length;
        if (!body_format(c, &format))
                body_is(c, 415,
                        arena_printf(c->arena, "expected Content-Type application/json or application/yaml, got \"%s\"",
                                     call_header(c, "Content-Type")));
        else if (body->length > limits->bytes)
                body_is(c, 413,
                        arena_printf(c->arena, "expected a body of at most %zu bytes, got %zu", limits->bytes,
                                     body->length));
        else if (!(c->body.document = doc_parse_limited(c->arena, body->data ? body->data : "", body->length, format,
                                                        limits, &c->body.problems)))
                body_is(c, 400, "the body could not be read");
        http_request_drop_body(c->request);
}

bool call_body_good(struct call *c)
{
        const struct doc_limits limits = {SIZE_MAX, DOC_NODES_MAX, DOC_NODES_MAX};
        const struct call_body *b = &c->body;

        if (!b->length && !b->status && !b->document) /* nobody has read what is empty */
                call_read_body(c, &limits);
        if (b->problems.count)
                reply_problems(c, b->status, b->detail, &b->problems);
        else if (b->status)
                reply_problem(c, b->status, "%s", b->detail);
        else
                return true;
        return false;
}

struct doc *call_body(struct call *c)
{
        if (!call_body_good(c))
                return NULL;
        /* Who runs it again finds it as it came. */
        return c->body.length <= BODY_KEPT_MAX ? doc_copy(c->arena, c->body.document) : c->body.document;
}

bool call_form(struct call *c, const struct schema *schema, void *out)
{
        struct doc *body = c->body.length ? call_body(c) : doc_new(c->arena, DOC_MAP);

        if (!body)
                return false;
        schema_decode(schema, body, c->arena, out, &c->problems);
        return call_valid(c);
}

bool call_no_body(struct call *c)
{
        struct doc *body = c->body.length ? call_body(c) : NULL;

        if (!c->body.length || (body && body->type == DOC_MAP && !body->count))
                return true;
        if (body)
                reply_problem(c, 400, "this call takes no body");
        return false;
}

bool call_valid(struct call *c)
{
        if (c->problems.count)
                reply_problems(c, 422, "the document is not valid, nothing was changed", &c->problems);
        return !c->problems.count;
}
