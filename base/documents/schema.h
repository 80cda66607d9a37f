/* base/documents/schema.h: what a document must look like, as tables; one pass validates it and fills a C structure.
 *
 * The same table validates files and API bodies, decodes them, prints defaults and documents itself: adding an option is
 * adding a line. All problems are reported, not only the first. An unknown field is a problem that names the nearest known one. */
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
        FIELD_INT,      /* int64_t, from min to max */
        FIELD_REAL,     /* double, from min to max */
        FIELD_STRING,   /* const char *, at most max bytes if max > 0; NULL when absent and no default */
        FIELD_DURATION, /* int64_t milliseconds, from min to max */
        FIELD_ENUM,     /* int, index into names */
        FIELD_ADDRESS,  /* struct address */
        FIELD_PREFIX,   /* struct prefix */
        FIELD_MAP,      /* `item`'s structure in place */
        FIELD_LIST,     /* struct list of `item`'s structures; at most max items if max > 0 */
        FIELD_STRINGS,  /* struct list of const char *; at most max items if max > 0 */
        FIELD_DOC,      /* const struct doc *, a copy in the arena; for free-form maps such as headers */
};

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
        const char *fallback; /* the default as JSON text ("\"geo\"", "30", "[]"); NULL: zero, NULL or empty */
        int64_t min, max;     /* when both 0: no bounds (FIELD_INT: fits 53 bits) */
        const char *const *names;   /* FIELD_ENUM: NULL-terminated */
        const struct schema *item;  /* FIELD_MAP, FIELD_LIST */
        field_check *check;
        const char *help; /* one line for the reference */
};

struct schema {
        const char *name;   /* "pool" */
        size_t size;        /* of the structure */
        const struct field *fields; /* ends with .name == NULL */
        /* For `lists of scalars or maps`: when the item may be written as a plain string, the field it stands for; or NULL. */
        const char *shorthand;
        bool partial; /* for what is laid over a whole document: nothing is required, absent fields get no default */
        /* Cross-field checks after all fields are in; may be NULL. */
        void (*check)(const struct doc *at, struct arena *, void *structure, struct problems *);
};

/* Fills `out` (schema->size bytes, zeroed first). Returns whether no problem was added. Strings point into `arena`. */
bool schema_decode(const struct schema *, const struct doc *, struct arena *, void *out, struct problems *);

/* A copy of the document with every absent optional field that has a default written out, in the order of the table. */
struct doc *schema_with_defaults(const struct schema *, const struct doc *, struct arena *);

/* The table as a document (for `GET /v1/schema` and the reference page). */
struct doc *schema_describe(const struct schema *, struct arena *);

#endif
