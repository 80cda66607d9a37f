#include "zones/load/set.h"

#include <stdlib.h>
#include "base/hash.h"
#include "base/memory.h"

bool set_add(struct set *s, uint32_t value)
{
        if (2 * s->count >= s->mask) { /* no slots yet, or half full */
                uint32_t mask = s->slots ? 2 * s->mask + 1 : 15;
                uint32_t *slots = memory_alloc(((size_t)mask + 1) * sizeof(*slots));
                s->list = memory_resize(s->list, ((size_t)mask + 1) * sizeof(*s->list));
                for (uint32_t i = 0; i < s->count; i++) {
                        uint32_t at = (uint32_t)hash_mix(s->list[i]) & mask;
                        while (slots[at])
                                at = (at + 1) & mask;
                        slots[at] = i + 1;
                }
                free(s->slots);
                s->slots = slots;
                s->mask = mask;
        }
        for (uint32_t at = (uint32_t)hash_mix(value) & s->mask;; at = (at + 1) & s->mask) {
                if (s->slots[at] && s->list[s->slots[at] - 1] == value)
                        return false;
                if (s->slots[at])
                        continue;
                s->list[s->count++] = value;
                s->slots[at] = s->count;
                return true;
        }
}

void set_free(struct set *s)
{
        free(s->list);
        free(s->slots);
        *s = (struct set){0};
}
