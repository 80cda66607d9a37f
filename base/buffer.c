#include "base/buffer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"

#define CAPACITY_FIRST 256

/* Makes room for `more` bytes and a NUL; false when the maximum is in the way. */
static bool reserve(struct buffer *b, size_t more)
{
        if (b->overflow || more > b->maximum || b->length > b->maximum - more) {
                b->overflow = true;
                return false;
        }
        size_t need = b->length + more + 1, capacity = b->capacity ? b->capacity : CAPACITY_FIRST;
        while (capacity < need)
                capacity *= 2;
        if (capacity != b->capacity) {
                char *data = b->soft ? realloc(b->data, capacity) : memory_resize(b->data, capacity);
                if (!data) {
                        b->overflow = true;
                        return false;
                }
                b->data = data;
                b->capacity = capacity;
        }
        return true;
}

void buffer_bytes(struct buffer *b, const void *data, size_t size)
{
        if (!reserve(b, size))
                return;
        if (size)
                memcpy(b->data + b->length, data, size);
        b->length += size;
        b->data[b->length] = '\0';
}

void buffer_text(struct buffer *b, const char *text)
{
        buffer_bytes(b, text, strlen(text));
}

void buffer_printf(struct buffer *b, const char *format, ...)
{
        va_list args, again;

        va_start(args, format);
        va_copy(again, args);
        int length = vsnprintf(NULL, 0, format, args);
        if (length >= 0 && reserve(b, (size_t)length)) {
                vsnprintf(b->data + b->length, (size_t)length + 1, format, again);
                b->length += (size_t)length;
        }
        va_end(again);
        va_end(args);
}

void buffer_drop(struct buffer *b, size_t n)
{
        if (!n)
                return;
        b->length -= n;
        memmove(b->data, b->data + n, b->length + 1);
}

void buffer_clear(struct buffer *b)
{
        b->length = 0;
        b->overflow = false;
        if (b->data)
                b->data[0] = '\0';
}

void buffer_free(struct buffer *b)
{
        bool soft = b->soft;

        free(b->data);
        *b = BUFFER_INIT(b->maximum);
        b->soft = soft;
}

char *buffer_take(struct buffer *b)
{
        char *data = b->data ? b->data : memory_strdup("");
        *b = BUFFER_INIT(b->maximum);
        return data;
}
