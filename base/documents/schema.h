/* base/documents/schema.h: what a document must look like, as tables; one pass validates it and fills a C structure.
 *
 * The same table validates files and API bodies, decodes them, prints defaults and documents itself: adding an option
 * is adding a line. All problems are reported, not only the first. An unknown field is a problem that names the nearest
 * known one. */
#ifndef BASE_DOCUMENTS_SCHEMA_H
#define BASE_DOCUMENTS_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/arena.h"
#include "base/documents/doc.h"
#include "base/documents/problems.h"

enum field_type {
        FIELD_BOOL,     /* bool */
        FIELD_INT,      /* int64_t, or int32_t where it is narrow; from min to max */
        FIELD_REAL,     /* double, from min to max */
        FIELD_STRING,   /* const char *, at most max bytes if max > 0; NULL when absent and no default */
        FIELD_DURATION, /* int64_t milliseconds, from min to max */
        FIELD_ENUM,     /* an enum or int, index into names */
        FIELD_ADDRESS,  /* struct address */
        FIELD_PREFIX,   /* struct prefix */
        FIELD_MAP,      /* `item`'s structure in place */
        FIELD_LIST,     /* LIST() of `item`'s structures; at most max items if max > 0 */
        FIELD_STRINGS,  /* struct strings, or LIST() of what `check` makes of them; at most max items if max > 0 */
        FIELD_DOC,      /* what `check` makes of it; without one const struct doc *, a copy in the arena */
};

/* Lists in structures: LIST(struct endpoint) endpoints; a table names the type of what is in them. */
#define LIST(type)                                                                                                     \
        struct {                                                                                                       \
                type *items;                                                                                           \
                uint32_t count;                                                                                        \
        }
struct strings {
        const char **items;
        uint32_t count;
};
/* As decoding sees them all: it writes them byte by byte, so that their own types are what is read. */
struct list {
        void *items;
        uint32_t count;
};

struct schema;

/* Checks and stores what no plain type says ("10%" or 3, a status range). Sees the decoded structure's member at `out`.
 * Adds problems itself. May be NULL. Runs instead of the plain type for FIELD_DOC, after it for all others. */
typedef void field_check(const struct doc *at, struct arena *, void *out, struct problems *);

struct field {
        const char *name;
        enum field_type type;
        size_t offset; /* of the member in the structure */
        bool required;
        bool narrow;
        bool has_default; /* else zero, NULL or empty when absent */
        union {
                bool boolean;
                int64_t integer; /* FIELD_INT, FIELD_DURATION, FIELD_ENUM */
                double real;
                const char *string;
                const struct doc *document; /* FIELD_DOC, FIELD_STRINGS (NULL: an empty list): as a person writes it */
        } fallback;                         /* a map has the defaults of its fields, a list is empty */
        int64_t min, max;                   /* when both 0: no bounds (FIELD_INT: fits 53 bits) */
        const char *const *names;           /* FIELD_ENUM: NULL-terminated */
        const struct schema *item;          /* FIELD_MAP, FIELD_LIST */
        field_check *check;
        const char *help; /* one line for the reference */
};

struct schema {
        const char *name;           /* "pool" */
        size_t size;                /* of the structure */
        const struct field *fields; /* ends with .name == NULL */
        /* For `lists of scalars or maps`: when the item may be written as a plain string, the field it stands for; or
         * NULL. */
        const char *shorthand;
        bool partial; /* for what is laid over a whole document: nothing is required, absent fields get no default */
        /* Cross-field checks after all fields are in; may be NULL. */
        void (*check)(const struct doc *at, struct arena *, void *structure, struct problems *);
        bool (*means)(const struct doc *at,
                      const char *field); /* whether the field means anything in this one; NULL: all do */
};

/* The lines of a table: the field's name, the structure and its member, what is its own, the help; then what more there
 * is to say
 * (.max, .check). The member's C type is checked when it is compiled. Plain words have a default, the others say what
 * they are. */
#define FIELD_AT(of, member, ctype) _Generic(((struct of *)0)->member, ctype : offsetof(struct of, member))
#define LIST_AT(of, member, ctype)                                                                                     \
        _Generic(((struct of *)0)->member.items, ctype *                                                               \
                 : offsetof(struct of, member) +                                                                       \
                           0 * sizeof(char[1 - 2 * (sizeof(((struct of *)0)->member) != sizeof(struct list))]))
#define FIELD_LINE(text, of, member, ctype, kind, about)                                                               \
        .name = (text), .type = (kind), .offset = FIELD_AT(of, member, ctype), .help = (about)
#define FIELD_ENUM_LINE(text, of, member, table, about)                                                                \
        .name = (text), .type = FIELD_ENUM, .names = (table), .help = (about),                                         \
        .offset = _Generic(((struct of *)0)->member, int                                                               \
                           : offsetof(struct of, member), unsigned                                                     \
                           : offsetof(struct of, member))
#define FIELD_INT_LINE(text, of, member, about)                                                                        \
        .name = (text), .type = FIELD_INT, .help = (about), .narrow = sizeof(((struct of *)0)->member) == 4,           \
        .offset = _Generic(((struct of *)0)->member, int64_t                                                           \
                           : offsetof(struct of, member), int32_t                                                      \
                           : offsetof(struct of, member))
#define FIELD_DEFAULT(of_type, value) .has_default = true, .fallback = {.of_type = (value)}

#define BOOL(text, of, member, value, help, ...)                                                                       \
        {                                                                                                              \
                FIELD_LINE(text, of, member, bool, FIELD_BOOL, help), FIELD_DEFAULT(boolean, value), ##__VA_ARGS__     \
        }
#define REQUIRED_BOOL(text, of, member, help, ...)                                                                     \
        {                                                                                                              \
                FIELD_LINE(text, of, member, bool, FIELD_BOOL, help), .required = true, ##__VA_ARGS__                  \
        }
#define OPTIONAL_BOOL(text, of, member, help, ...)                                                                     \
        {                                                                                                              \
                FIELD_LINE(text, of, member, bool, FIELD_BOOL, help), ##__VA_ARGS__                                    \
        }
#define INT(text, of, member, value, least, most, help, ...)                                                           \
        {                                                                                                              \
                FIELD_INT_LINE(text, of, member, help), FIELD_DEFAULT(integer, value), .min = (least), .max = (most),  \
                                                                                       ##__VA_ARGS__                   \
        }
#define REQUIRED_INT(text, of, member, least, most, help, ...)                                                         \
        {                                                                                                              \
                FIELD_INT_LINE(text, of, member, help), .required = true, .min = (least), .max = (most), ##__VA_ARGS__ \
        }
#define OPTIONAL_INT(text, of, member, least, most, help, ...)                                                         \
        {                                                                                                              \
                FIELD_INT_LINE(text, of, member, help), .min = (least), .max = (most), ##__VA_ARGS__                   \
        }
#define REAL(text, of, member, value, least, most, help, ...)                                                          \
        {                                                                                                              \
                FIELD_LINE(text, of, member, double, FIELD_REAL, help), FIELD_DEFAULT(real, value),                    \
                        .min = (least), .max = (most), ##__VA_ARGS__                                                   \
        }
#define REQUIRED_REAL(text, of, member, least, most, help, ...)                                                        \
        {                                                                                                              \
                FIELD_LINE(text, of, member, double, FIELD_REAL, help), .required = true, .min = (least),              \
                                                                        .max = (most), ##__VA_ARGS__                   \
        }
#define DURATION(text, of, member, ms, least, most, help, ...)                                                         \
        {                                                                                                              \
                FIELD_LINE(text, of, member, int64_t, FIELD_DURATION, help), FIELD_DEFAULT(integer, ms),               \
                        .min = (least), .max = (most), ##__VA_ARGS__                                                   \
        }
#define OPTIONAL_DURATION(text, of, member, least, most, help, ...)                                                    \
        {                                                                                                              \
                FIELD_LINE(text, of, member, int64_t, FIELD_DURATION, help), .min = (least), .max = (most),            \
                                                                             ##__VA_ARGS__                             \
        }
#define STRING(text, of, member, value, help, ...)                                                                     \
        {                                                                                                              \
                FIELD_LINE(text, of, member, const char *, FIELD_STRING, help), FIELD_DEFAULT(string, value),          \
                        ##__VA_ARGS__                                                                                  \
        }
#define REQUIRED_STRING(text, of, member, help, ...)                                                                   \
        {                                                                                                              \
                FIELD_LINE(text, of, member, const char *, FIELD_STRING, help), .required = true, ##__VA_ARGS__        \
        }
#define OPTIONAL_STRING(text, of, member, help, ...)                                                                   \
        {                                                                                                              \
                FIELD_LINE(text, of, member, const char *, FIELD_STRING, help), ##__VA_ARGS__                          \
        }
#define ENUM(text, of, member, value, table, help, ...)                                                                \
        {                                                                                                              \
                FIELD_ENUM_LINE(text, of, member, table, help), FIELD_DEFAULT(integer, value), ##__VA_ARGS__           \
        }
#define REQUIRED_ENUM(text, of, member, table, help, ...)                                                              \
        {                                                                                                              \
                FIELD_ENUM_LINE(text, of, member, table, help), .required = true, ##__VA_ARGS__                        \
        }
#define OPTIONAL_ADDRESS(text, of, member, help, ...)                                                                  \
        {                                                                                                              \
                FIELD_LINE(text, of, member, struct address, FIELD_ADDRESS, help), ##__VA_ARGS__                       \
        }
#define REQUIRED_PREFIX(text, of, member, help, ...)                                                                   \
        {                                                                                                              \
                FIELD_LINE(text, of, member, struct prefix, FIELD_PREFIX, help), .required = true, ##__VA_ARGS__       \
        }
#define OPTIONAL_PREFIX(text, of, member, help, ...)                                                                   \
        {                                                                                                              \
                FIELD_LINE(text, of, member, struct prefix, FIELD_PREFIX, help), ##__VA_ARGS__                         \
        }
/* A map is a `struct tag` by the table tag_schema; MAPS is a list of such. */
#define FIELD_MAP_LINE(text, of, member, tag, help)                                                                    \
        FIELD_LINE(text, of, member, struct tag, FIELD_MAP, help), .item = &tag##_schema
#define MAP(text, of, member, tag, help, ...)                                                                          \
        {                                                                                                              \
                FIELD_MAP_LINE(text, of, member, tag, help), .has_default = true, ##__VA_ARGS__                        \
        }
#define REQUIRED_MAP(text, of, member, tag, help, ...)                                                                 \
        {                                                                                                              \
                FIELD_MAP_LINE(text, of, member, tag, help), .required = true, ##__VA_ARGS__                           \
        }
#define OPTIONAL_MAP(text, of, member, tag, help, ...)                                                                 \
        {                                                                                                              \
                FIELD_MAP_LINE(text, of, member, tag, help), ##__VA_ARGS__                                             \
        }
#define FIELD_LIST_LINE(text, of, member, tag, about)                                                                  \
        .name = (text), .type = FIELD_LIST, .offset = LIST_AT(of, member, struct tag), .help = (about),                \
        .item = &tag##_schema
#define MAPS(text, of, member, tag, help, ...)                                                                         \
        {                                                                                                              \
                FIELD_LIST_LINE(text, of, member, tag, help), .has_default = true, ##__VA_ARGS__                       \
        }
#define REQUIRED_MAPS(text, of, member, tag, help, ...)                                                                \
        {                                                                                                              \
                FIELD_LIST_LINE(text, of, member, tag, help), .required = true, ##__VA_ARGS__                          \
        }
#define OPTIONAL_MAPS(text, of, member, tag, help, ...)                                                                \
        {                                                                                                              \
                FIELD_LIST_LINE(text, of, member, tag, help), ##__VA_ARGS__                                            \
        }
#define STRINGS(text, of, member, help, ...)                                                                           \
        {                                                                                                              \
                FIELD_LINE(text, of, member, struct strings, FIELD_STRINGS, help), .has_default = true, ##__VA_ARGS__  \
        }
/* Of which `reader` makes values of type `ctype`. */
#define STRINGS_AS(text, of, member, ctype, reader, about, ...)                                                        \
        {                                                                                                              \
                .name = (text), .type = FIELD_STRINGS, .offset = LIST_AT(of, member, ctype), .help = (about),          \
                .has_default = true, .check = (reader), ##__VA_ARGS__                                                  \
        }
#define REQUIRED_STRINGS(text, of, member, help, ...)                                                                  \
        {                                                                                                              \
                FIELD_LINE(text, of, member, struct strings, FIELD_STRINGS, help), .required = true, ##__VA_ARGS__     \
        }
#define OPTIONAL_STRINGS(text, of, member, help, ...)                                                                  \
        {                                                                                                              \
                FIELD_LINE(text, of, member, struct strings, FIELD_STRINGS, help), ##__VA_ARGS__                       \
        }
/* What `check` alone can read, into a member of type `ctype`. */
#define CUSTOM(text, of, member, ctype, value, reader, help, ...)                                                      \
        {                                                                                                              \
                FIELD_LINE(text, of, member, ctype, FIELD_DOC, help), FIELD_DEFAULT(document, value),                  \
                        .check = (reader), ##__VA_ARGS__                                                               \
        }
#define REQUIRED_CUSTOM(text, of, member, ctype, reader, help, ...)                                                    \
        {                                                                                                              \
                FIELD_LINE(text, of, member, ctype, FIELD_DOC, help), .required = true, .check = (reader),             \
                                                                      ##__VA_ARGS__                                    \
        }
#define OPTIONAL_CUSTOM(text, of, member, ctype, reader, help, ...)                                                    \
        {                                                                                                              \
                FIELD_LINE(text, of, member, ctype, FIELD_DOC, help), .check = (reader), ##__VA_ARGS__                 \
        }
/* Defaults as documents. */
#define NO_MEMBERS            (&(const struct doc){.type = DOC_MAP})
#define ONE_TEXT(s)           (&(const struct doc){.type = DOC_STRING, .count = sizeof(s) - 1, .string = (s)})
#define ONE_NUMBER(n)         (&(const struct doc){.type = DOC_INT, .integer = (n)})
#define LIST_OF(first_doc, n) (&(const struct doc){.type = DOC_LIST, .count = (n), .first = (first_doc)})
#define ITEM_TEXT(s, i, next_doc)                                                                                      \
        (&(struct doc){.type = DOC_STRING, .count = sizeof(s) - 1, .index = (i), .string = (s), .next = (next_doc)})

/* The list at `out` of a check, as decoded: of strings. */
struct strings strings_of(const void *out);
/* Puts in its place what the check made of it. */
void list_put(void *out, void *items, uint32_t count);

/* Fills `out` (schema->size bytes, zeroed first). Returns whether no problem was added. Strings point into `arena`. */
bool schema_decode(const struct schema *, const struct doc *, struct arena *, void *out, struct problems *);

/* A copy of the document in which what may be written in several ways is written in one: a value where a list of one
 * is meant, a string where a map is, durations. For comparing. */
struct doc *schema_plain(const struct schema *, const struct doc *, struct arena *);

/* A copy of the document with every absent optional field that has a default written out, in the order of the table. */
struct doc *schema_with_defaults(const struct schema *, const struct doc *, struct arena *);

/* The table as a document (for `GET /v1/schema` and the reference page). */
struct doc *schema_describe(const struct schema *, struct arena *);

#endif
