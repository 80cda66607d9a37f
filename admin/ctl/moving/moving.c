#include "admin/ctl/moving/moving.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_LENGTH 60

static const char *const kinds[] = {"regions", "networks", "monitors", "pools", "zones", "services"};

void moving_begin(struct moving *m, struct arena *a, struct problems *problems)
{
        *m = (struct moving){
                .arena = a, .problems = problems, .out = doc_new(a, DOC_MAP), .report = doc_new(a, DOC_LIST)};
        for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
                doc_add_list(a, m->out, kinds[i]);
}

void moving_tell(struct moving *m, enum moved how, const char *place, const char *was, const char *became, ...)
{
        static const char *const names[] = {"same", "near", "none"};
        struct doc *line = doc_add_map(m->arena, m->report, NULL);
        char text[1000];
        va_list ap;

        va_start(ap, became);
        vsnprintf(text, sizeof(text), became, ap);
        va_end(ap);
        doc_add_string(m->arena, line, "place", place);
        doc_add_string(m->arena, line, "was", was);
        doc_add_string(m->arena, line, "equal", names[how]);
        doc_add_string(m->arena, line, "became", text);
        m->counts[how]++;
}

struct doc *moving_list(struct moving *m, const char *kind)
{
        return doc_get(m->out, kind);
}

struct doc *moving_find(struct moving *m, const char *kind, const char *name)
{
        doc_each (one, moving_list(m, kind)) {
                const char *other = doc_get_string(one, "name");
                if (other && !strcmp(other, name))
                        return one;
        }
        return NULL;
}

const char *moving_name(struct moving *m, const char *kind, const char *text)
{
        char name[NAME_MAX_LENGTH + 12];
        size_t n = 0;

        for (; *text && n < NAME_MAX_LENGTH; text++)
                name[n++] = isalnum((unsigned char)*text) || strchr("_.-", *text) ? *text : '-';
        name[n] = '\0';
        if (!n)
                name[n++] = 'x', name[n] = '\0';
        for (unsigned i = 2; moving_find(m, kind, name); i++)
                snprintf(name + n, sizeof(name) - n, "-%u", i);
        return arena_strdup(m->arena, name);
}

void moving_end(struct moving *m)
{
        for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
                struct doc *list = moving_list(m, kinds[i]);
                if (!list->count)
                        doc_remove(m->out, list);
        }
}
