#include "admin/rollout/undo.h"

#include <string.h>
#include "base/documents/doc_differ.h"
#include "base/documents/doc_take_back.h"

/* Whether one of two places lies in the other. */
static bool overlap(const char *a, const char *b)
{
        size_t n = strlen(a), m = strlen(b), least = n < m ? n : m;
        char next = n < m ? b[least] : a[least];

        return !strncmp(a, b, least) && (!least || !next || next == '.' || next == '[');
}

static bool changed_there(struct arena *arena, const struct later *step, const char *path)
{
        if (!step->before || !step->after || !*path)
                return true;
        doc_each (one, doc_differ(arena, step->before, step->after))
                if (overlap(doc_get_string(one, "path"), path))
                        return true;
        return false;
}

/* The newest revision that changed it there. */
static const struct later *who_changed(struct arena *a, const struct undo *u, const char *path)
{
        const struct later *found = NULL;

        for (const struct later *step = u->steps; step; step = step->next)
                if (changed_there(a, step, path))
                        found = step;
        return found;
}

static const char *say_value(struct arena *a, const struct doc *d)
{
        char text[100];

        return d ? arena_strdup(a, doc_show(d, text, sizeof(text))) : NULL;
}

static void add_conflict(struct problems *problems, struct arena *a, const struct undo *u, uint64_t number,
                         const struct doc *conflict)
{
        const char *path = doc_get_string(conflict, "path");
        const char *made = say_value(a, doc_get(conflict, "made")), *is = say_value(a, doc_get(conflict, "is"));
        const struct later *step = who_changed(a, u, path);
        const char *since = step ? arena_printf(a, " since revision %llu, by \"%s\" at %s",
                                                (unsigned long long)step->number, step->author, step->time)
                                 : "";

        problems_add(problems,
                     arena_printf(a, "%s[%s]%s%s", kind_name(u->kind), u->key, *path && *path != '[' ? "." : "", path),
                     0, "revision %llu %s%s, it is %s%s", (unsigned long long)number,
                     made ? "made it " : "took it away", made ? made : "", is ? is : "gone", since);
}

bool undo_changes(struct store_txn *txn, uint64_t number, struct arena *a, struct change **changes, size_t *count,
                  struct problems *problems, char *error, size_t error_size)
{
        struct undo *items;

        if (!store_undo(txn, number, a, &items, count, error, error_size))
                return false;
        *changes = ARENA_ARRAY(a, struct change, *count + 1); /* room for one more */
        for (size_t i = 0; i < *count; i++) {
                const struct undo *u = &items[i];
                struct doc *conflicts = doc_new(a, DOC_LIST);
                const struct doc *document = doc_take_back(a, u->before, u->after, u->now, conflicts);
                doc_each (one, conflicts)
                        add_conflict(problems, a, u, number, one);
                (*changes)[i] = (struct change){u->kind, u->key, document};
        }
        return true;
}
