#include "base/buffer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"

#define CAPACITY_FIRST 256

bool buffer_reserve(struct buffer *b, size_t more)
{
        if (b->overflow || more > b->maximum || b->length > b->maximum - more) {
                b->overflow = true;
                return false;
        }
        size_t need = b->length + more + 1, capacity = b->capacity ? b->capacity : CAPACITY_FIRST;
        while (capacity < need)
                capacity *= 2;
        if (capacity > b->maximum) /* what is within the capacity is within the maximum */
                capacity = b->maximum + 1;
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

void buffer_number(struct buffer *b, int64_t number)
{
        uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
        char digits[20], *at = digits + sizeof(digits);

        do
                *--at = (char)('0' + left % 10);
        while (left /= 10);
        if (number < 0)
                buffer_bytes(b, "-", 1);
        buffer_bytes(b, at, (size_t)(digits + sizeof(digits) - at));
}

/* Into the room that there is, and once more if that was too little. */
void buffer_printf(struct buffer *b, const char *format, ...)
{
        size_t room = b->overflow || !b->data ? 0 : b->capacity - b->length;
        va_list args, again;

        va_start(args, format);
        va_copy(again, args);
        int length = vsnprintf(room ? b->data + b->length : NULL, room, format, args);
        if (length >= 0 && (size_t)length < room) {
                b->length += (size_t)length;
        } else if (room) {
                b->data[b->length] = '\0';
        }
        if (length >= 0 && (size_t)length >= room && buffer_reserve(b, (size_t)length)) {
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
