#include "probes/prober/asked.h"

#include "base/documents/schema.h"

struct doc *asked_to_doc(const struct try_asked *list, uint32_t count, struct arena *a)
{
        struct doc *d = doc_new(a, DOC_MAP), *tries = doc_add_list(a, d, "try");

        for (uint32_t i = 0; i < count; i++) {
                struct doc *one = doc_add_map(a, tries, NULL);
                doc_add_string(a, one, "id", list[i].id);
                doc_add_int(a, one, "number", (int64_t)list[i].number);
        }
        return d;
}

struct asked_form {
        const char *id;
        int64_t number;
};

struct reply_form {
        LIST(struct asked_form) tries;
};

static const struct field asked_fields[] = {
        REQUIRED_STRING("id", asked_form, id, NULL, .max = 400),
        REQUIRED_INT("number", asked_form, number, 1, INT64_MAX, NULL),
        {0},
};
static const struct schema asked_form_schema = {
        .name = "try", .size = sizeof(struct asked_form), .fields = asked_fields};

static const struct field reply_fields[] = {
        MAPS("try", reply_form, tries, asked_form, NULL, .max = TRIES_MOST),
        {0},
};
static const struct schema reply_form_schema = {
        .name = "reply", .size = sizeof(struct reply_form), .fields = reply_fields};

const struct try_asked *asked_from_text(const char *text, size_t length, struct arena *a, uint32_t *count)
{
        struct problems problems = PROBLEMS_INIT;
        struct reply_form form;
        const struct doc *d = doc_parse(a, text, length, DOC_JSON, &problems);
        bool good = d && schema_decode(&reply_form_schema, d, a, &form, &problems);

        problems_free(&problems);
        *count = good ? form.tries.count : 0;
        struct try_asked *list = ARENA_ARRAY(a, struct try_asked, *count);
        for (uint32_t i = 0; i < *count; i++)
                list[i] = (struct try_asked){form.tries.items[i].id, (uint64_t)form.tries.items[i].number};
        return *count ? list : NULL;
}
