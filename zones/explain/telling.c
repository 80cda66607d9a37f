#include "zones/explain/telling.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "zones/dns/numbers.h"

#define SENTENCE_MAX 2000

void story_add(struct telling *t, const char *format, ...)
{
        char text[SENTENCE_MAX];
        va_list args;

        va_start(args, format);
        vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        doc_add_string(t->arena, t->story, NULL, text);
}

void story_end(struct telling *t, const char *result)
{
        if (!doc_get(t->out, "result")) /* an empty service may stand beside records */
                doc_add_string(t->arena, t->out, "result", result);
        story_add(t, "Result: %s.", result);
}

void telling_answer(struct telling *t, const char *text, uint32_t ttl)
{
        doc_add_string(t->arena, t->answer, NULL, text);
        if (ttl < t->ttl)
                t->ttl = ttl;
}

void telling_scope(struct telling *t, uint8_t scope)
{
        if (scope > t->scope)
                t->scope = scope;
}

enum told telling_follow(struct telling *t, const uint8_t *name)
{
        if (t->links == EXPLAIN_LINKS_MAX) {
                story_add(t, "The resolver asks for %s by itself: no more aliases are followed.", wire_text(t, name));
                return TOLD_ALL;
        }
        for (unsigned i = 0; i <= t->links; i++) {
                if (!name_equal(name, t->names[i]))
                        continue;
                story_add(t, "That leads in a circle: %s has been told.", wire_text(t, name));
                return TOLD_ALL;
        }
        uint8_t *next = t->names[++t->links];
        memcpy(next, name, name_length(name));
        name_lower(next);
        t->name = next;
        return TOLD_ALIAS;
}

const char *wire_text(struct telling *t, const uint8_t *name)
{
        char text[NAME_TEXT_MAX];
        return arena_strdup(t->arena, name_format(name, text));
}

const char *rdata_text(struct telling *t, uint16_t type, const uint8_t *rdata)
{
        struct address address = {.family = type == TYPE_A ? ADDRESS_V4 : ADDRESS_V6};
        char text[ADDRESS_TEXT_MAX];

        if (type == TYPE_CNAME)
                return wire_text(t, rdata);
        memcpy(address.bytes, rdata, type == TYPE_A ? 4 : 16);
        return arena_strdup(t->arena, address_format(&address, text));
}

const char *target_text(struct telling *t, const struct target *target)
{
        return rdata_text(t, target->type, target->rdata);
}
