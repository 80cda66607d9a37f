#include "zones/load/model_problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/documents/nearest.h"

#define GUESSES_MAX 20 /* problems that tell what may be meant: each looks at all names of a kind */

void model_problem(struct problems *problems, enum kind kind, const char *key, const char *rest, const char *format,
                   ...)
{
        char path[600], message[800];
        va_list args;

        snprintf(path, sizeof(path), "%s[%s]%s%s", kind_name(kind), key, rest[0] && rest[0] != '[' ? "." : "", rest);
        va_start(args, format);
        vsnprintf(message, sizeof(message), format, args);
        va_end(args);
        problems_add(problems, path, 0, "%s", message);
}

uint32_t model_resolve(struct model *m, enum kind wanted, const char *name, struct problems *problems, enum kind kind,
                       const char *key, const char *rest)
{
        uint32_t found = model_find(m, wanted, name);
        struct nearest nearest = {name};
        char scratch[PREFIX_TEXT_MAX];

        if (found != MODEL_NONE)
                return found;
        for (uint32_t i = 0; i < m->count[wanted] && problems->count < GUESSES_MAX; i++)
                if (m->items[wanted][i])
                        nearest_try(&nearest, model_key(wanted, m->items[wanted][i], scratch));
        model_problem(problems, kind, key, rest, MODEL_REFERS MODEL_NOT_THERE "%s%s%s", kind_name(wanted), name,
                      nearest.found ? "; did you mean \"" : "", nearest.found ? nearest.found : "",
                      nearest.found ? "\"?" : "");
        return MODEL_NONE;
}
