/* base/buffer.h: a growing byte buffer with a named maximum, and a bounded reader.
 *
 * Every buffer that grows with what others send says how far. Writing past the maximum sets `overflow`
 * and drops the bytes; callers check once at the end. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buffer {
        char *data; /* always NUL-terminated once anything was written; owned */
        size_t length, capacity, maximum;
        bool overflow;
        bool soft; /* that memory ends is an overflow too; else it ends the process */
};

#define BUFFER_INIT(max) ((struct buffer){.maximum = (max)})

/* Makes room for `more` bytes and a NUL; false when the maximum is in the way. */
bool buffer_reserve(struct buffer *, size_t more);

static inline void buffer_bytes(struct buffer *b, const void *data, size_t size)
{
        if ((size >= b->capacity - b->length || b->overflow) && !buffer_reserve(b, size))
                return;
        if (size)
                memcpy(b->data + b->length, data, size);
        b->length += size;
        b->data[b->length] = '\0';
}

static inline void buffer_text(struct buffer *b, const char *text)
{
        buffer_bytes(b, text, strlen(text));
}

void buffer_number(struct buffer *, int64_t); /* as %lld */
void buffer_printf(struct buffer *, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_drop(struct buffer *, size_t n); /* the first n bytes */
void buffer_clear(struct buffer *);          /* keeps the memory */
void buffer_free(struct buffer *);
/* Gives the bytes to the caller, who frees them; the buffer is empty afterwards. Never NULL. */
char *buffer_take(struct buffer *);

/* Reads big-endian integers and bytes; after the first read past the end everything is 0 and `failed` is set. */
struct reader {
        const uint8_t *data;
        size_t length, at;
        bool failed;
};

static inline struct reader reader_of(const void *data, size_t length)
{
        return (struct reader){.data = data, .length = length};
}

static inline size_t reader_left(const struct reader *r)
{
        return r->length - r->at;
}

static inline const uint8_t *reader_bytes(struct reader *r, size_t n)
{
        if (r->failed || n > r->length - r->at) {
                r->failed = true;
                return NULL;
        }
        const uint8_t *p = r->data + r->at;
        r->at += n;
        return p;
}

static inline uint8_t reader_u8(struct reader *r)
{
        const uint8_t *p = reader_bytes(r, 1);
        return p ? p[0] : 0;
}

static inline uint16_t reader_u16(struct reader *r)
{
        const uint8_t *p = reader_bytes(r, 2);
        return p ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

static inline uint32_t reader_u32(struct reader *r)
{
        const uint8_t *p = reader_bytes(r, 4);
        return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}

#endif
