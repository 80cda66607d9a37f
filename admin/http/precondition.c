/* Entity tags, and what a caller takes for granted of them. */
#include <stdlib.h>
#include <string.h>
#include "admin/control/control.h"
#include "admin/http/http.h"
#include "base/hash.h"

#define TEXT_MAX            ((size_t)512 << 20)
#define REVISION_DIGITS_MAX 15 /* fewer than a document's tag has */

const char *doc_etag(struct arena *a, const struct doc *d)
{
        struct buffer text = BUFFER_INIT(TEXT_MAX);

        doc_write_json(d, &text, 0);
        uint64_t hash = hash_bytes(text.data, text.length, 0);
        buffer_free(&text);
        return arena_printf(a, "\"%016llx\"", (unsigned long long)hash);
}

const char *revision_etag(struct arena *a, uint64_t revision)
{
        return arena_printf(a, "\"r%llu\"", (unsigned long long)revision);
}

/* "r42", r42 or 42 */
static bool is_revision(const char *text, size_t length, uint64_t revision)
{
        if (length >= 2 && text[0] == '"' && text[length - 1] == '"') {
                text++;
                length -= 2;
        }
        if (length && *text == 'r') {
                text++;
                length--;
        }
        return length && length <= REVISION_DIGITS_MAX && strspn(text, "0123456789") >= length &&
               strtoull(text, NULL, 10) == revision;
}

/* Whether one of the tags in the field is the document's, or the revision's. */
static bool tag_listed(const char *field, const char *tag, uint64_t revision)
{
        while (*field) {
                field += strspn(field, " \t,");
                size_t length = strcspn(field, ","), trimmed = length;
                while (trimmed && (field[trimmed - 1] == ' ' || field[trimmed - 1] == '\t'))
                        trimmed--;
                if (tag && trimmed == 1 && *field == '*')
                        return true;
                if (tag && strlen(tag) == trimmed && !strncmp(field, tag, trimmed))
                        return true;
                if (is_revision(field, trimmed, revision))
                        return true;
                field += length;
        }
        return false;
}

bool call_precondition(struct call *c, const struct doc *current)
{
        const char *match = call_header(c, "If-Match"), *none = call_header(c, "If-None-Match");
        unsigned long long revision = control_revision(c->control);

        if (!match && !none)
                return true;
        const char *tag = current ? doc_etag(c->arena, current) : NULL;
        if (match && !tag_listed(match, tag, revision)) {
                if (tag)
                        reply_problem(c, 412,
                                      "it has changed meanwhile: its entity tag is %s now, the revision \"r%llu\"", tag,
                                      revision);
                else
                        reply_problem(c, 412,
                                      "it does not exist, or has changed meanwhile: the revision is \"r%llu\" now",
                                      revision);
                return false;
        }
        if (none && tag && tag_listed(none, tag, UINT64_MAX)) {
                reply_problem(c, 412, "it exists already");
                return false;
        }
        return true;
}

bool call_not_modified(struct call *c, const char *tag)
{
        const char *none = call_header(c, "If-None-Match");

        call_set_header(c, "ETag", tag);
        if (!none || !tag_listed(none, tag, UINT64_MAX))
                return false;
        reply_nothing(c, 304);
        return true;
}
