/* A text into a document, by its format. */
#include "base/documents/doc_parse.h"

#include <string.h>

struct doc *doc_parse_limited(struct arena *a, const char *text, size_t length, enum doc_format format,
                              const struct doc_limits *limits, struct problems *problems)
{
        if (length > limits->bytes) {
                problems_add(problems, "", 0, "expected at most %zu bytes", limits->bytes);
                return NULL;
        }
        if (memchr(text, '\0', length)) {
                problems_add(problems, "", 0, "a NUL byte is not taken");
                return NULL;
        }
        return format == DOC_JSON ? doc_parse_json(a, text, length, limits, problems)
                                  : doc_parse_yaml(a, text, length, limits, problems);
}

struct doc *doc_parse(struct arena *a, const char *text, size_t length, enum doc_format format,
                      struct problems *problems)
{
        static const struct doc_limits limits = {DOC_TEXT_MAX, DOC_NODES_MAX, DOC_NODES_MAX};

        return doc_parse_limited(a, text, length, format, &limits, problems);
}
