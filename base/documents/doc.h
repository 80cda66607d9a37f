/* base/documents/doc.h: documents: what JSON and YAML are read into and written from.
 *
 * A tree in an arena; every node knows its line, its key and its parent, so an error can name its place. Order of map
 * keys is kept. Immutable for others once built; freed with its arena. Off the answer path. */
#ifndef BASE_DOCUMENTS_DOC_H
#define BASE_DOCUMENTS_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/buffer.h"
#include "base/documents/problems.h"

#define DOC_TEXT_MAX   (256u << 20) /* bytes of JSON or YAML taken at once */
#define DOC_NODES_MAX  (1u << 24)
#define DOC_DEPTH_MAX  32
#define DOC_NUMBER_MAX 400 /* of the text of any double */

enum doc_type { DOC_NULL, DOC_BOOL, DOC_INT, DOC_REAL, DOC_STRING, DOC_LIST, DOC_MAP };
enum doc_format { DOC_JSON, DOC_YAML };

struct doc {
        enum doc_type type;
        uint32_t line;   /* 1.., 0 when not known */
        uint32_t count;  /* children of a list or map, bytes of a string */
        uint32_t index;  /* place in the parent */
        const char *key; /* in a map, else NULL */
        struct doc *parent, *next, *first, *last;
        union {
                bool boolean;
                int64_t integer;
                double real;
                const char *string; /* UTF-8, NUL-terminated, no NUL inside */
        };
};

/* Parses one document. Duplicate keys, aliases, tags, NUL bytes, invalid UTF-8, depth and size are refused with a
 * problem; returns NULL then. In YAML plain scalars follow the JSON schema (true, false, null, integers, reals), all
 * else is a string; so `no` and `1.2.3.4` are strings. */
struct doc *doc_parse(struct arena *, const char *text, size_t length, enum doc_format, struct problems *);

/* How much is taken from who is trusted less. A node costs 64 bytes and its text. */
struct doc_limits {
        size_t bytes;
        size_t nodes; /* values: lists, maps and what is in them */
        size_t keys;  /* of one map */
};
struct doc *doc_parse_limited(struct arena *, const char *text, size_t length, enum doc_format,
                              const struct doc_limits *, struct problems *);

/* Building. Strings, and keys where an arena is passed, are copied; what of a string is not UTF-8 becomes '?'. doc_add
 * (its key must outlive the document) appends to a list (key NULL) or a map, returns child. */
struct doc *doc_new(struct arena *, enum doc_type);
struct doc *doc_add(struct doc *parent, const char *key, struct doc *child);
struct doc *doc_string(struct arena *, const char *);
struct doc *doc_int(struct arena *, int64_t);
struct doc *doc_real(struct arena *, double);
struct doc *doc_bool(struct arena *, bool);
/* Shorthands: add a member made on the spot. */
struct doc *doc_add_map(struct arena *, struct doc *parent, const char *key);
struct doc *doc_add_list(struct arena *, struct doc *parent, const char *key);
void doc_add_string(struct arena *, struct doc *parent, const char *key, const char *);
void doc_add_format(struct arena *, struct doc *parent, const char *key, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
void doc_add_int(struct arena *, struct doc *parent, const char *key, int64_t);
void doc_add_real(struct arena *, struct doc *parent, const char *key, double);
void doc_add_bool(struct arena *, struct doc *parent, const char *key, bool);
struct doc *doc_copy(struct arena *, const struct doc *); /* without its key and parent */
void doc_remove(struct doc *parent, struct doc *child);
/* Puts `child`, which is in no document, in the place of `old` in its list or map. A walk that stands at `old` may go
 * on. */
void doc_replace(struct doc *old, struct doc *child);
/* Puts `child` in the place of the member called `key`, or appends it. */
void doc_set(struct doc *map, const char *key, struct doc *child);

/* Reading. NULL where there is none or the type is another. */
struct doc *doc_get(const struct doc *map, const char *key);
const char *doc_get_string(const struct doc *map, const char *key);
bool doc_get_int(const struct doc *map, const char *key, int64_t *);
bool doc_equal(const struct doc *, const struct doc *); /* map order does not count, list order does */
#define doc_each(child, parent) for (struct doc *child = (parent)->first; child; child = child->next)

/* The items of a list, or the value alone that stands where a list of one is meant. */
#define doc_each_or_one(child, list)                                                                                   \
        for (const struct doc *child = (list)->type == DOC_LIST ? (list)->first : (list); child;                       \
             child = (list)->type == DOC_LIST ? child->next : NULL)

/* "pools[2].endpoints[0]" into `out`; "" for the root. Cut at the size. */
char *doc_path(const struct doc *, char *out, size_t size);
/* Adds a problem at this node (`member` may be NULL). */
void doc_problem(struct problems *, const struct doc *at, const char *member, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
/* "got ..." for messages: "\"ten\"", "a list". Into out, returns it. */
char *doc_show(const struct doc *, char *out, size_t size);

/* The shortest text that reads back as the same number, without an exponent where that takes at most 21 digits: "60",
 * "0.1". */
char *doc_number_text(double, char out[DOC_NUMBER_MAX]);

/* Writing. JSON is compact when indent is 0. YAML reads back as the same document. */
void doc_write_json(const struct doc *, struct buffer *, unsigned indent);
/* The same for all documents that are equal: compact JSON, members in the order of the bytes of their keys. */
void doc_write_canonical(const struct doc *, struct buffer *);
void doc_write_yaml(const struct doc *, struct buffer *);

#endif
