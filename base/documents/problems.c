#include "base/documents/problems.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/buffer.h"
#include "base/memory.h"

#define PROBLEMS_TEXT_MAX ((size_t)1 << 20)

void problems_add(struct problems *p, const char *path, unsigned line, const char *format, ...)
{
        va_list args;
        char *message;

        if (p->count == PROBLEMS_MAX) {
                p->dropped++;
                return;
        }
        va_start(args, format);
        if (vasprintf(&message, format, args) < 0)
                message = memory_strdup("out of memory");
        va_end(args);
        p->list = memory_resize(p->list, (p->count + 1) * sizeof(*p->list));
        p->list[p->count++] = (struct problem){memory_strdup(path ? path : ""), line, message};
}

void problems_free(struct problems *p)
{
        for (size_t i = 0; i < p->count; i++) {
                free(p->list[i].path);
                free(p->list[i].message);
        }
        free(p->list);
        *p = PROBLEMS_INIT;
}

char *problems_text(const struct problems *p)
{
        struct buffer text = BUFFER_INIT(PROBLEMS_TEXT_MAX);

        for (size_t i = 0; i < p->count; i++) {
                const struct problem *one = &p->list[i];
                if (one->line)
                        buffer_printf(&text, "line %u: ", one->line);
                if (one->path[0])
                        buffer_printf(&text, "%s: ", one->path);
                buffer_printf(&text, "%s\n", one->message);
        }
        if (p->dropped)
                buffer_printf(&text, "and %zu more\n", p->dropped);
        return buffer_take(&text);
}
