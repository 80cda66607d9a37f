/* Any bytes as a document: memory safe; what is taken reads back as the same when it is written, in JSON and in YAML;
 * what is refused has a reason. The first byte of an input chooses the format: j for JSON, else YAML. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/documents/doc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition, const char *what, const struct buffer *text)
{
        if (condition)
                return;
        fprintf(stderr, "%s: %s\n", what, text && text->data ? text->data : "");
        abort();
}

static void check_again(struct arena *a, const struct doc *d, enum doc_format format, struct problems *problems)
{
        struct buffer text = BUFFER_INIT(1 << 20);

        if (format == DOC_JSON)
                doc_write_json(d, &text, 0);
        else
                doc_write_yaml(d, &text);
        const struct doc *again = doc_parse(a, text.data, text.length, format, problems);
        must(again != NULL, "what was written is not taken", &text);
        must(doc_equal(d, again), "what was written is another document", &text);
        buffer_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        if (!size)
                return 0;
        enum doc_format format = data[0] == 'j' ? DOC_JSON : DOC_YAML;
        struct arena *a = arena_new(0);
        struct problems problems = PROBLEMS_INIT;
        char *exact = malloc(size); /* nothing behind it may be read */

        memcpy(exact, data + 1, size - 1);
        const struct doc *d = doc_parse(a, exact, size - 1, format, &problems);
        free(exact);
        must(!d == (problems.count == 1), "expected a document or a problem", NULL);
        if (d) {
                check_again(a, d, DOC_JSON, &problems);
                check_again(a, d, DOC_YAML, &problems);
        }
        problems_free(&problems);
        arena_free(a);
        return 0;
}
