#include "admin/http/sending.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "admin/http/connection_private.h"
#include "admin/http/status.h"
#include "base/memory.h"

#define REPLY_SMALL 4096               /* goes whatever is held */
#define PIECES_LOW  ((size_t)64 << 10) /* queued: so much is left when the next piece is asked for */

/* --- what is held --- */

void sending_drop_request(struct http_connection *c)
{
        http_request_free(c->request);
        c->request = NULL;
        if (!c->in_pieces)
                c->taken_by = NULL;
        c->scanned = 0;
        c->is_head = c->keep_alive = c->chunks = false;
}

static void hold(struct http_connection *c, size_t bytes)
{
        c->hub->budget.held += bytes - c->reply_held;
        c->reply_held = bytes;
}

void sending_drop_reply(struct http_connection *c)
{
        hold(c, 0);
}

/* --- replies --- */

static void free_reply(const void *data, size_t length, void *context)
{
        free((void *)(uintptr_t)data);
}

static const char *date_text(char out[40])
{
        time_t now = time(NULL);
        struct tm tm;

        gmtime_r(&now, &tm);
        strftime(out, 40, "%a, %d %b %Y %H:%M:%S GMT", &tm);
        return out;
}

bool http_reply_fits(const struct http_connection *c, size_t length)
{
        return length <= REPLY_SMALL || c->hub->budget.held + length <= HTTP_HELD_MAX;
}

/* Queues the head: the body is so long, or comes in pieces. */
static void queue_head(struct http_connection *c, int status, const char *fields, bool bare, const size_t *length)
{
        struct evbuffer *out = bufferevent_get_output(c->bev);
        char date[40];

        c->keep &= c->keep_alive && (length || c->chunks);
        evbuffer_add_printf(out, "HTTP/1.1 %d %s\r\nDate: %s\r\n", status, http_status_text(status), date_text(date));
        if (!bare && length)
                evbuffer_add_printf(out, "Content-Length: %zu\r\n", *length);
        else if (!bare && c->chunks)
                evbuffer_add_printf(out, "Transfer-Encoding: chunked\r\n");
        evbuffer_add_printf(out, "%s%s\r\n", c->keep ? "" : "Connection: close\r\n", fields);
}

/* Queues the bytes, and takes them over. */
static bool queue_bytes(struct http_connection *c, char *body, size_t length)
{
        if (length && !evbuffer_add_reference(bufferevent_get_output(c->bev), body, length, free_reply, NULL))
                return true;
        free(body);
        return false;
}

static void send_queued(struct http_connection *c)
{
        c->reply_queued = evbuffer_get_length(bufferevent_get_output(c->bev));
        sending_drop_request(c);
        bufferevent_disable(c->bev, EV_READ);
        connection_enter(c, c->held ? STAGE_HELD : STAGE_WRITING);
        if (!c->held)
                bufferevent_enable(c->bev, EV_WRITE);
}

void http_reply(struct http_connection *c, int status, const char *fields, char *body, size_t length)
{
        bool bare = status == 204 || status == 304, is_head = c->is_head;

        if (!bare && !is_head && !http_reply_fits(c, length)) {
                free(body);
                http_refuse(c, 503, "too many replies are on their way, nobody has memory for another");
                return;
        }
        queue_head(c, status, fields, bare, &length);
        if (bare || is_head)
                free(body);
        else if (queue_bytes(c, body, length))
                hold(c, length);
        send_queued(c);
}

/* --- replies in pieces --- */

static void ask(struct http_connection *c)
{
        c->asked = true;
        c->hub->handler.more(c->taken_by, c->hub->handler.context);
}

static void queue_piece(struct http_connection *c, char *body, size_t length)
{
        struct evbuffer *out = bufferevent_get_output(c->bev);

        if (length && c->in_chunks)
                evbuffer_add_printf(out, "%zx\r\n", length);
        if (queue_bytes(c, body, length) && c->in_chunks)
                evbuffer_add(out, "\r\n", 2);
}

bool http_reply_begin(struct http_connection *c, int status, const char *fields, char *body, size_t length)
{
        bool is_head = c->is_head;

        if (!is_head && !http_reply_fits(c, length)) {
                free(body);
                http_refuse(c, 503, "too many replies are on their way, nobody has memory for another");
                return false;
        }
        queue_head(c, status, fields, false, NULL);
        c->in_pieces = !is_head;
        c->in_chunks = c->chunks;
        if (is_head)
                free(body);
        else
                queue_piece(c, body, length);
        send_queued(c);
        bufferevent_setwatermark(c->bev, EV_WRITE, is_head ? 0 : PIECES_LOW, 0);
        hold(c, c->reply_queued);
        return !is_head;
}

void http_reply_piece(struct http_connection *c, char *body, size_t length, bool last)
{
        struct evbuffer *out = bufferevent_get_output(c->bev);
        size_t before = evbuffer_get_length(out);

        c->asked = false;
        queue_piece(c, body, length);
        if (last && c->in_chunks)
                evbuffer_add(out, "0\r\n\r\n", 5);
        hold(c, evbuffer_get_length(out));
        c->reply_queued += c->reply_held - before;
        if (last) {
                c->in_pieces = false;
                c->taken_by = NULL;
                bufferevent_setwatermark(c->bev, EV_WRITE, 0, 0);
                if (!c->reply_held) /* nothing will be written that would tell */
                        bufferevent_trigger(c->bev, EV_WRITE, BEV_OPT_DEFER_CALLBACKS);
        } else if (c->reply_held <= PIECES_LOW) {
                ask(c);
        }
}

bool sending_goes_on(struct http_connection *c)
{
        if (!c->in_pieces)
                return false;
        hold(c, evbuffer_get_length(bufferevent_get_output(c->bev)));
        if (!c->asked && c->reply_held <= PIECES_LOW)
                ask(c);
        return true;
}

/* The client does not pay for the time in which there is nothing to read. */
void sending_count(struct http_connection *c)
{
        size_t left = evbuffer_get_length(bufferevent_get_output(c->bev));

        c->moved = c->reply_queued - left;
        c->since += c->asked && !left;
}

/* --- replies of the server itself --- */

void http_reply_later(struct http_connection *c, uint64_t ms)
{
        c->held = ms / HTTP_TICK_MS;
        c->keep = false;
        bufferevent_disable(c->bev, EV_WRITE);
}

void http_refuse(struct http_connection *c, int status, const char *detail)
{
        bool later = status == 408 || status == 429 || status == 503;
        char *text = memory_printf("{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\"}\n",
                                   http_status_text(status), status, detail);

        c->keep = false;
        http_reply(c, status,
                   later ? "Content-Type: application/problem+json\r\nRetry-After: 1\r\n"
                         : "Content-Type: application/problem+json\r\n",
                   text, strlen(text));
}
