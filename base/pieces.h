/* base/pieces.h: a long text that is made piece by piece, as fast as somebody takes it. What makes one has this as its
 * first member. One thread at a time. */
#ifndef BASE_PIECES_H
#define BASE_PIECES_H

#include <stddef.h>
#include "base/buffer.h"

#define PIECE_BYTES ((size_t)128 << 10) /* about as many */

enum piece {
        PIECE_MORE,
        PIECE_LAST,
        PIECE_BROKEN /* there is no more of it, and what there was is not all; `error` tells why */
};

#define PIECES_ERROR_MAX 300

struct pieces {
        /* Puts the next piece into the empty buffer; one that overflows is broken too. Not called behind the last. */
        enum piece (*next)(struct pieces *, struct buffer *);
        void (*free)(struct pieces *);
        char error[PIECES_ERROR_MAX]; /* why it is broken, where that is not for memory */
};

#endif
