/* zones/config/edited.h: one item that a revision changes. */
#ifndef ZONES_CONFIG_EDITED_H
#define ZONES_CONFIG_EDITED_H

#include <stdint.h>
#include "zones/store/kind.h"

struct edited {
        enum kind kind;
        uint32_t number;
        const void *before, *after; /* NULL: was not, or is no more */
};

#endif
