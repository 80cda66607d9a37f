#include "admin/http/body.h"

#include <event2/buffer.h>
#include <stdlib.h>

#define CAPACITY_FIRST    65536
#define CHUNK_LINE_MAX    1024
#define TRAILER_LINES_MAX 64

void body_begin(struct body *b, const struct head *head, size_t limit)
{
        *b = (struct body){.limit = limit, .expected = head->length, .chunked = head->chunked};
}

void body_free(struct body *b, struct http_budget *budget)
{
        budget->bodies -= b->capacity;
        budget->held -= b->capacity;
        free(b->data);
        b->data = NULL;
        b->length = b->capacity = 0;
}

static size_t capacity_for(const struct body *b, size_t need)
{
        size_t capacity = b->capacity * 2;

        if (capacity < CAPACITY_FIRST)
                capacity = CAPACITY_FIRST;
        if (capacity < need)
                capacity = need;
        return !b->chunked && capacity > b->expected ? (size_t)b->expected : capacity;
}

/* Room for `more` bytes. BODY_MORE: it is there. */
static enum body_result body_reserve(struct body *b, struct http_budget *budget, size_t more)
{
        if (more > b->limit || b->length > b->limit - more)
                return BODY_TOO_LARGE;
        if (b->length + more <= b->capacity)
                return BODY_MORE;
        size_t capacity = capacity_for(b, b->length + more), added = capacity - b->capacity;
        /* What is small is taken beside what is large: connections bound it. */
        if (capacity > CAPACITY_FIRST &&
            (budget->bodies + added > HTTP_BODIES_MAX || budget->held + added > HTTP_HELD_MAX))
                return BODY_NO_MEMORY;
        char *data = realloc(b->data, capacity);
        if (!data)
                return BODY_NO_MEMORY;
        b->data = data;
        b->capacity = capacity;
        budget->bodies += added;
        budget->held += added;
        return BODY_MORE;
}

/* Moves at most `most` bytes of what came. */
static enum body_result body_take_bytes(struct body *b, struct http_budget *budget, struct evbuffer *in, uint64_t most)
{
        size_t n = evbuffer_get_length(in);

        if (n > most)
                n = (size_t)most;
        enum body_result result = n ? body_reserve(b, budget, n) : BODY_MORE;
        if (n && result == BODY_MORE) {
                evbuffer_remove(in, b->data + b->length, n);
                b->length += n;
        }
        return result;
}

/* The next line of a chunked body's framing. BODY_WHOLE: it is in `line`. */
static enum body_result framing_line(struct evbuffer *in, char line[CHUNK_LINE_MAX])
{
        struct evbuffer_ptr end = evbuffer_search_eol(in, NULL, NULL, EVBUFFER_EOL_CRLF_STRICT);
        size_t length = end.pos < 0 ? evbuffer_get_length(in) : (size_t)end.pos;

        if (length >= CHUNK_LINE_MAX)
                return BODY_INVALID;
        if (end.pos < 0)
                return BODY_MORE;
        evbuffer_remove(in, line, length);
        evbuffer_drain(in, 2);
        line[length] = '\0';
        for (size_t i = 0; i < length; i++)
                if ((unsigned char)line[i] < ' ' && line[i] != '\t')
                        return BODY_INVALID;
        return BODY_WHOLE;
}

/* One step over the framing. BODY_MORE with *goes_on: the next can be taken. */
static enum body_result chunk_step(struct body *b, struct http_budget *budget, struct evbuffer *in, bool *goes_on)
{
        char line[CHUNK_LINE_MAX];
        enum body_result result;
        bool good = true;

        *goes_on = false;
        if (b->part == CHUNK_DATA) {
                size_t before = b->length;
                result = body_take_bytes(b, budget, in, b->chunk_left);
                b->chunk_left -= b->length - before;
                *goes_on = result == BODY_MORE && !b->chunk_left;
                if (!b->chunk_left)
                        b->part = CHUNK_END;
                return result;
        }
        result = framing_line(in, line);
        if (result != BODY_WHOLE)
                return result;
        *goes_on = true;
        if (b->part == CHUNK_SIZE) {
                good = chunk_size_parse(line, &b->chunk_left);
                b->part = b->chunk_left ? CHUNK_DATA : CHUNK_TRAILER;
        } else if (b->part == CHUNK_END) {
                good = !*line;
                b->part = CHUNK_SIZE;
        } else {
                good = ++b->trailer_lines <= TRAILER_LINES_MAX;
                *goes_on = *line != '\0';
        }
        return !good ? BODY_INVALID : *goes_on ? BODY_MORE : BODY_WHOLE;
}

enum body_result body_read(struct body *b, struct http_budget *budget, struct evbuffer *in)
{
        enum body_result result;
        bool goes_on = true;

        if (!b->chunked) {
                result = body_take_bytes(b, budget, in, b->expected - b->length);
                return result == BODY_MORE && b->length == b->expected ? BODY_WHOLE : result;
        }
        do
                result = chunk_step(b, budget, in, &goes_on);
        while (result == BODY_MORE && goes_on);
        return result;
}
