/* Heads, hosts, chunked bodies and merge patches, the parts of the admin API that are pure; and which connections make
 * room for others. */
#include <check.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/documents/doc_merge.h"
#include "admin/http/body.h"
#include "admin/http/connection.h"
#include "admin/http/failures.h"
#include "admin/http/head.h"
#include "admin/http/host.h"
#include "tests/unit/suite.h"

static int parse(const char *text, struct head *h)
{
        static char copy[HEAD_BYTES_MAX];
        size_t scanned = 0;
        const char *why;

        strcpy(copy, text);
        long length = head_length(copy, strlen(copy), &scanned);
        ck_assert_int_eq(length, (long)strlen(copy));
        return head_parse(copy, (size_t)length, h, &why);
}

START_TEST(good_heads_are_taken_apart)
{
        struct head h;

        ck_assert_int_eq(parse("PUT /a%2Fb?x=1&y HTTP/1.1\r\nHost: h:1\r\nContent-Length:  12 \r\nX-Y:\r\n\r\n", &h),
                         0);
        ck_assert_str_eq(h.method, "PUT");
        ck_assert_str_eq(h.path, "/a%2Fb");
        ck_assert_str_eq(h.query, "x=1&y");
        ck_assert_str_eq(h.host, "h:1");
        ck_assert_str_eq(head_field(&h, "x-y"), "");
        ck_assert(h.keep_alive && h.length == 12 && !h.chunked);
        ck_assert_int_eq(parse("GET http://a.b:1/c HTTP/1.1\r\nHost: other\r\nConnection: Close\r\n\r\n", &h), 0);
        ck_assert_str_eq(h.host, "a.b:1");
        ck_assert_str_eq(h.path, "/c");
        ck_assert(!h.keep_alive && !h.query);
        ck_assert_int_eq(parse("GET http://a.b:1 HTTP/1.1\r\nHost: other\r\n\r\n", &h), 0);
        ck_assert_str_eq(h.host, "a.b:1");
        ck_assert_str_eq(h.path, "/");
        ck_assert(!h.query);
        ck_assert_int_eq(parse("GET http://a.b?c=/d HTTP/1.1\r\nHost: other\r\n\r\n", &h), 0);
        ck_assert_str_eq(h.host, "a.b");
        ck_assert_str_eq(h.path, "/");
        ck_assert_str_eq(h.query, "c=/d");
        ck_assert_int_eq(parse("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", &h), 0);
        ck_assert_str_eq(h.host, "h");
        ck_assert_str_eq(h.path, "/");
        ck_assert_int_eq(parse("GET / HTTP/1.0\r\n\r\n", &h), 0);
        ck_assert(!h.host && !h.keep_alive);
}
END_TEST

START_TEST(heads_that_two_could_read_differently_are_refused)
{
        static const struct {
                const char *text;
                int status;
        } cases[] = {
                {"GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
                {"GET / HTTP/1.1 \r\nHost: h\r\n\r\n", 505},
                {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505},
                {"GET / http/1.1\r\nHost: h\r\n\r\n", 400},
                {"GET /\r\nHost: h\r\n\r\n", 400},
                {"G@T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
                {"GET x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
                {"GET http:///a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
                {"GET http://?a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
                {"GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
                {"OPTIONS *x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
                {"GET / HTTP/1.1\r\n\r\n", 400},
                {"GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", 400},
                {"GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
                {"GET / HTTP/1.1\r\nHost: h\r\n x\r\n\r\n", 400},
                {"GET / HTTP/1.1\r\nHost: h\r\nX: \x01\r\n\r\n", 400},
                {"GET / HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n", 400},
                {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400},
                {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
                {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x1\r\n\r\n", 400},
                {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999999999999999\r\n\r\n", 400},
                {"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
                {"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
                {"GET / HTTP/1.1\r\nHost: h\r\nExpect: more\r\n\r\n", 417},
        };
        struct head h;

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
                ck_assert_msg(parse(cases[i].text, &h) == cases[i].status, "%s", cases[i].text);
}
END_TEST

START_TEST(the_end_of_a_head_is_found_in_pieces)
{
        static const char text[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\nrest";
        size_t scanned = 0;

        for (size_t n = 0; n < strlen(text) - 4; n++)
                ck_assert_int_eq(head_length(text, n, &scanned), 0);
        ck_assert_int_eq(head_length(text, strlen(text), &scanned), (long)strlen(text) - 4);
        scanned = 0;
        ck_assert_int_eq(head_length("GET /\n", 6, &scanned), -1);
        scanned = 0;
        ck_assert_int_eq(head_length("GET /\rX", 7, &scanned), -1);
        scanned = 0;
        ck_assert_int_eq(head_length("GE\0T", 4, &scanned), -1);
}
END_TEST

/* What becomes of a chunked body that comes byte by byte. */
static enum body_result chunked(const char *text, struct body *b, struct http_budget *budget)
{
        const struct head head = {.chunked = true};
        struct evbuffer *in = evbuffer_new();
        enum body_result result = BODY_MORE;

        body_begin(b, &head, 10);
        for (; *text && result == BODY_MORE; text++) {
                evbuffer_add(in, text, 1);
                result = body_read(b, budget, in);
        }
        evbuffer_free(in);
        return result;
}

START_TEST(chunks_become_a_body_within_its_limit)
{
        struct http_budget budget = {0};
        struct body b;

        ck_assert_int_eq(chunked("3\r\nabc\r\n2;x=\"y\"\r\nde\r\n0\r\nA: b\r\n\r\n", &b, &budget), BODY_WHOLE);
        ck_assert(b.length == 5 && !memcmp(b.data, "abcde", 5) && budget.held == b.capacity);
        body_free(&b, &budget);
        ck_assert_uint_eq(budget.held, 0);
        static const struct {
                const char *text;
                enum body_result result;
        } cases[] = {
                {"b\r\nabcdefghijk", BODY_TOO_LARGE},
                {"2\r\nabc\r\n", BODY_INVALID},
                {" 2\r\n", BODY_INVALID},
                {"2 \r\n", BODY_INVALID},
                {"-1\r\n", BODY_INVALID},
                {"123456789\r\n", BODY_INVALID},
                {"2;\nx\r\n", BODY_INVALID},
                {"2\r\nab\r\n", BODY_MORE},
        };
        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                ck_assert_msg(chunked(cases[i].text, &b, &budget) == cases[i].result, "%s", cases[i].text);
                body_free(&b, &budget);
        }
}
END_TEST

START_TEST(small_bodies_are_taken_beside_large_ones)
{
        struct http_budget budget = {HTTP_BODIES_MAX, HTTP_BODIES_MAX};
        struct evbuffer *in = evbuffer_new();
        const struct head small = {.length = 5}, large = {.length = 100000};
        struct body b;

        evbuffer_add(in, "12345", 5);
        body_begin(&b, &small, 1000000);
        ck_assert_int_eq(body_read(&b, &budget, in), BODY_WHOLE);
        ck_assert_uint_eq(budget.bodies, HTTP_BODIES_MAX + 5);
        body_free(&b, &budget);
        for (int i = 0; i < 20000; i++)
                evbuffer_add(in, "12345", 5);
        body_begin(&b, &large, 1000000);
        ck_assert_int_eq(body_read(&b, &budget, in), BODY_NO_MEMORY);
        body_free(&b, &budget);
        ck_assert_uint_eq(budget.bodies, HTTP_BODIES_MAX);
        evbuffer_free(in);
}
END_TEST

START_TEST(only_names_of_this_server_are_its_host)
{
        static const char *const names[] = {"gslbd.example.com"};
        struct address local;

        address_parse("192.0.2.1", &local);
        static const char *const good[] = {"localhost",   "Localhost.",  "localhost:80",
                                           "x.localhost", "127.9.9.9",   "[::1]:8053",
                                           "192.0.2.1",   "192.0.2.1:1", "GSLBD.example.com.:1"};
        static const char *const bad[] = {"",
                                          ":80",
                                          "192.0.2.2",
                                          "[::1",
                                          "[::1]x",
                                          "localhost.example.com",
                                          ".localhost",
                                          "example.com",
                                          "127.0.0.1.example.com",
                                          "gslbd.example.com.x"};
        for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
                ck_assert_msg(host_allowed(good[i], &local, names, 1), "%s", good[i]);
        for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
                ck_assert_msg(!host_allowed(bad[i], &local, names, 1), "%s", bad[i]);
}
END_TEST

START_TEST(patches_follow_rfc_7396_and_names)
{
        static const char *const cases[][3] = {
                {"{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
                {"{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"},
                {"{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"},
                {"{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
                {"{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}"},
                {"{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"},
                {"{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"},
                {"{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}"},
                {"{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"},
                {"{\"a\":1}", "[1]", "[1]"},
                {"{\"endpoints\":[{\"name\":\"a\",\"weight\":1},\"192.0.2.1\"]}",
                 "{\"endpoints\":[{\"name\":\"a\",\"weight\":2},{\"address\":\"192.0.2.1\",\"weight\":3},{\"name\":"
                 "\"c\"}]}",
                 "{\"endpoints\":[{\"name\":\"a\",\"weight\":2},{\"address\":\"192.0.2.1\",\"weight\":3},{\"name\":"
                 "\"c\"}]}"},
                {"{\"endpoints\":[{\"name\":\"a\"},{\"name\":\"b\"}]}", "{\"endpoints\":{\"a\":null,\"no\":null}}",
                 "{\"endpoints\":[{\"name\":\"b\"}]}"},
                {"{}", "{\"endpoints\":[\"192.0.2.1\"]}", "{\"endpoints\":[\"192.0.2.1\"]}"},
                {"{\"pools\":[\"a\",\"b\"]}", "{\"pools\":[\"c\"]}", "{\"pools\":[\"c\"]}"},
                {"{\"pools\":[\"a\",\"b\"]}", "{\"pools\":{\"a\":{\"weight\":2}}}",
                 "{\"pools\":[{\"pool\":\"a\",\"weight\":2},\"b\"]}"},
                {"{\"records\":[{\"name\":\"w\",\"type\":\"A\",\"ttl\":1},{\"name\":\"w\",\"type\":\"TXT\"}]}",
                 "{\"records\":{\"w/txt\":{\"ttl\":5}}}",
                 "{\"records\":[{\"name\":\"w\",\"type\":\"A\",\"ttl\":1},{\"name\":\"w\",\"type\":\"TXT\",\"ttl\":5}]"
                 "}"},
        };
        struct arena *a = arena_new(0);
        struct problems none = PROBLEMS_INIT;

        for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
                struct doc *d[3];
                for (int j = 0; j < 3; j++)
                        d[j] = doc_parse(a, cases[i][j], strlen(cases[i][j]), DOC_JSON, &none);
                struct doc *before = doc_copy(a, d[0]);
                ck_assert_msg(doc_equal(merge_patch(a, d[0], d[1]), d[2]), "%s + %s", cases[i][0], cases[i][1]);
                ck_assert(doc_equal(before, d[0]));
        }
        arena_free(a);
}
END_TEST

static void run_reply(struct http_connection *c, void *context)
{
        (void)context;
        http_reply(c, 200, "", NULL, 0);
}

/* A connection to the hub; the peer's end of it. */
static int connect_to(struct http_hub *hub)
{
        const struct peer from = {.address = {.family = ADDRESS_V4, .bytes = {192, 0, 2, 1}}};
        int ends[2];

        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
        http_connection_open(hub, ends[0], &from, NULL);
        return ends[1];
}

static void request(struct http_hub *hub, int fd)
{
        static const char text[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
        char reply[200];

        ck_assert_int_eq(write(fd, text, sizeof(text) - 1), (ssize_t)sizeof(text) - 1);
        while (read(fd, reply, sizeof(reply)) < 0)
                event_base_loop(hub->base, EVLOOP_ONCE);
        event_base_loop(hub->base, EVLOOP_NONBLOCK);
}

/* What was freed is closed by the event loop. */
static bool is_closed(struct http_hub *hub, int fd)
{
        char byte;

        event_base_loop(hub->base, EVLOOP_NONBLOCK);
        return read(fd, &byte, 1) == 0;
}

START_TEST(what_waits_longest_without_a_request_makes_room)
{
        struct http_hub hub = {.base = event_base_new(), .limits = {10, 10, 60000}, .handler = {.run = run_reply}};

        TAILQ_INIT(&hub.connections);
        int busy = connect_to(&hub), silent = connect_to(&hub);
        hub.ticks = 1;
        int newest = connect_to(&hub);
        hub.ticks = 2;
        request(&hub, busy);
        ck_assert(http_connection_evict(&hub));
        ck_assert(is_closed(&hub, silent) && !is_closed(&hub, busy) && !is_closed(&hub, newest));
        ck_assert(http_connection_evict(&hub));
        ck_assert(is_closed(&hub, newest) && !is_closed(&hub, busy));
        ck_assert(http_connection_evict(&hub));
        ck_assert(is_closed(&hub, busy));
        ck_assert(!http_connection_evict(&hub));
        close(busy);
        close(silent);
        close(newest);
        event_base_free(hub.base);
}
END_TEST

static struct http_connection *kept;
static unsigned gone;

static void run_keep(struct http_connection *c, void *context)
{
        (void)context;
        kept = c;
}

static void count_gone(void *taken_by, void *context)
{
        (void)context;
        ck_assert_ptr_eq(taken_by, &gone);
        gone++;
}

static bool admit_all(struct http_connection *c, size_t *limit, void *context)
{
        (void)c, (void)context;
        *limit = SIZE_MAX;
        return true;
}

static void send_request(struct http_hub *hub, int fd)
{
        static const char text[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

        kept = NULL;
        ck_assert_int_eq(write(fd, text, sizeof(text) - 1), (ssize_t)sizeof(text) - 1);
        while (!kept)
                event_base_loop(hub->base, EVLOOP_ONCE);
}

START_TEST(tokens_that_are_none_cost_their_sender_alone_time)
{
        struct peer here = {.address = {.family = ADDRESS_V6, .bytes = {0x20, 1, [15] = 1}}}, beside = here, far = here;
        struct peer user = {.local = true, .uid = 1000}, another = {.local = true, .uid = 1001};
        struct failures *f = failures_new();
        uint64_t now = 1000000;

        beside.address.bytes[15] = 2;
        far.address.bytes[7] = 1;
        for (int i = 0; i < FAILURES_FREE; i++)
                ck_assert(!failures_add(f, i % 2 ? &here : &beside, now));
        ck_assert(failures_add(f, &here, now) && failures_add(f, &beside, now));
        ck_assert(!failures_add(f, &far, now));
        for (int i = 0; i < FAILURES_FREE; i++)
                ck_assert(!failures_add(f, &user, now));
        ck_assert(failures_add(f, &user, now) && !failures_add(f, &another, now));
        ck_assert(failures_add(f, &here, now + FAILURES_EACH_MS - 1));
        ck_assert(!failures_add(f, &here, now + FAILURES_EACH_MS));
        ck_assert(failures_add(f, &here, now + FAILURES_EACH_MS));
        now += (FAILURES_FREE + 1) * FAILURES_EACH_MS;
        for (int i = 0; i < FAILURES_FREE; i++)
                ck_assert(!failures_add(f, &here, now));
        ck_assert(failures_add(f, &here, now));
        /* A million others push some out; none of them is held up. */
        for (uint32_t i = 0; i < 1000000; i++) {
                memcpy(far.address.bytes + 2, &i, sizeof(i));
                ck_assert(!failures_add(f, &far, now));
        }
        failures_free(f);
}
END_TEST

START_TEST(a_reply_can_be_made_to_wait)
{
        struct http_hub hub = {.base = event_base_new(), .limits = {10, 10, 60000}, .handler = {.run = run_keep}};
        char reply[300] = "";

        TAILQ_INIT(&hub.connections);
        int fd = connect_to(&hub);
        send_request(&hub, fd);
        http_reply_later(kept, 1000);
        http_reply(kept, 200, "", NULL, 0);
        for (hub.ticks = 0; hub.ticks < 1000 / HTTP_TICK_MS; hub.ticks++) {
                http_connection_tick(kept);
                event_base_loop(hub.base, EVLOOP_NONBLOCK);
                ck_assert(read(fd, reply, sizeof(reply) - 1) < 0);
        }
        http_connection_tick(kept);
        while (read(fd, reply, sizeof(reply) - 1) < 0)
                event_base_loop(hub.base, EVLOOP_ONCE);
        ck_assert(strstr(reply, "Connection: close"));
        http_connection_close(kept);
        event_base_loop(hub.base, EVLOOP_NONBLOCK);
        close(fd);
        event_base_free(hub.base);
}
END_TEST

START_TEST(a_request_has_one_time_in_all)
{
        struct http_hub hub = {.base = event_base_new(), .limits = {10, 10, 60000}, .handler = {.admit = admit_all}};
        static const char text[] = "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n";
        static char piece[1 << 20], reply[300];

        TAILQ_INIT(&hub.connections);
        int fd = connect_to(&hub);
        ck_assert_int_eq(write(fd, text, sizeof(text) - 1), (ssize_t)sizeof(text) - 1);
        for (hub.ticks = 0; hub.ticks <= 60000 / HTTP_TICK_MS; hub.ticks++) { /* at a good rate */
                ck_assert(read(fd, reply, sizeof(reply) - 1) < 0);
                (void)!write(fd, piece, sizeof(piece));
                event_base_loop(hub.base, EVLOOP_NONBLOCK);
                if (!TAILQ_EMPTY(&hub.connections))
                        http_connection_tick(TAILQ_FIRST(&hub.connections));
        }
        http_connection_tick(TAILQ_FIRST(&hub.connections));
        while (read(fd, reply, sizeof(reply) - 1) < 0)
                event_base_loop(hub.base, EVLOOP_ONCE);
        ck_assert_msg(!strncmp(reply, "HTTP/1.1 408 ", 13) && strstr(reply, "Retry-After: 1"), "%s", reply);
        http_connection_close(TAILQ_FIRST(&hub.connections));
        event_base_loop(hub.base, EVLOOP_NONBLOCK);
        close(fd);
        event_base_free(hub.base);
}
END_TEST

START_TEST(a_request_is_replied_to_when_the_handler_has_the_reply)
{
        struct http_hub hub = {
                .base = event_base_new(), .limits = {10, 10, 60000}, .handler = {.run = run_keep, .gone = count_gone}};
        char byte;

        TAILQ_INIT(&hub.connections);
        gone = 0;
        int fd = connect_to(&hub);
        send_request(&hub, fd);
        /* What the client sends meanwhile is the next request; no deadline runs; nobody else's connection pushes it
         * out. */
        const char *path = http_request_of(kept)->head.path;
        ck_assert_int_eq(write(fd, "GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n", 40), 40);
        hub.ticks += 100000;
        http_connection_tick(kept);
        ck_assert(!http_connection_evict(&hub));
        event_base_loop(hub.base, EVLOOP_NONBLOCK);
        ck_assert(read(fd, &byte, 1) < 0);
        ck_assert_str_eq(path, "/");

        struct http_connection *first = kept;
        kept = NULL;
        http_reply(first, 200, "", NULL, 0);
        while (!kept)
                event_base_loop(hub.base, EVLOOP_ONCE);
        ck_assert_str_eq(http_request_of(kept)->head.path, "/next");
        ck_assert_uint_eq(gone, 0);
        /* Who took the request has it still when the client is gone. */
        struct http_request *taken = http_request_take(kept, &gone);
        http_connection_close(kept);
        ck_assert_uint_eq(gone, 1);
        ck_assert_str_eq(taken->head.path, "/next");
        http_request_free(taken);
        event_base_loop(hub.base, EVLOOP_NONBLOCK);
        close(fd);
        event_base_free(hub.base);
}
END_TEST

static unsigned asked;

static void count_more(void *taken_by, void *context)
{
        (void)context;
        ck_assert_ptr_eq(taken_by, &gone);
        asked++;
}

static char *piece_of(size_t length)
{
        char *text = malloc(length + 1);

        ck_assert_ptr_nonnull(text);
        return memset(text, 'x', length + 1);
}

#define PIECE ((size_t)100000)

/* The first piece of a reply that a client asks for. */
static struct http_connection *begin_pieces(struct http_hub *hub, int fd)
{
        asked = 0;
        send_request(hub, fd);
        http_request_free(http_request_take(kept, &gone));
        ck_assert(http_reply_begin(kept, 200, "", piece_of(PIECE), PIECE));
        return kept;
}

/* Takes what comes, until that many pieces were asked for or the connection is closed. How it ends stands in `end`. */
static bool read_on(struct http_hub *hub, int fd, unsigned until, char end[8])
{
        char text[5000];
        ssize_t n = -1;

        while (asked < until && (n = read(fd, text + 7, sizeof(text) - 8))) {
                event_base_loop(hub->base, EVLOOP_NONBLOCK);
                if (n < 0)
                        continue;
                memcpy(text, end, 7);
                memcpy(end, text + n, 7);
        }
        return n != 0;
}

START_TEST(a_reply_in_pieces_is_made_as_it_is_read)
{
        struct http_hub hub = {.base = event_base_new(),
                               .limits = {10, 10, 60000},
                               .handler = {.run = run_keep, .gone = count_gone, .more = count_more}};
        char end[8] = "";
        unsigned given = 1;

        TAILQ_INIT(&hub.connections);
        gone = 0;
        int fd = connect_to(&hub);
        struct http_connection *c = begin_pieces(&hub, fd);
        /* Who reads nothing is asked for what goes into sockets, and little more. */
        for (event_base_loop(hub.base, EVLOOP_NONBLOCK); asked == given; given++) {
                ck_assert_uint_lt(given, 100);
                http_reply_piece(c, piece_of(PIECE), PIECE, false);
                event_base_loop(hub.base, EVLOOP_NONBLOCK);
        }
        ck_assert_uint_lt(hub.budget.held, 2 * PIECE);
        for (; given < 200; given++) {
                ck_assert(read_on(&hub, fd, given, end));
                http_reply_piece(c, piece_of(PIECE), PIECE, false);
        }
        ck_assert(read_on(&hub, fd, given, end));
        http_reply_piece(c, piece_of(0), 0, true); /* nothing is left but its end */
        for (asked = 0; strcmp(end, "\r\n0\r\n\r\n") != 0;) {
                event_base_loop(hub.base, EVLOOP_NONBLOCK);
                char one;
                if (read(fd, &one, 1) < 1)
                        continue;
                memmove(end, end + 1, 6);
                end[6] = one;
        }
        ck_assert_uint_eq(hub.budget.held, 0);
        /* The connection goes on; the next reply on it cannot be told to its end. */
        c = begin_pieces(&hub, fd);
        ck_assert(read_on(&hub, fd, 1, end));
        http_reply_break(c);
        ck_assert(!read_on(&hub, fd, 2, end));
        ck_assert_ptr_null(strchr(end, '0')); /* no last chunk */
        ck_assert_uint_eq(gone, 0);
        ck_assert_uint_eq(hub.budget.held, 0);
        close(fd);
        event_base_free(hub.base);
}
END_TEST

START_TEST(who_leaves_or_stands_still_gets_no_more_pieces)
{
        struct http_hub hub = {.base = event_base_new(),
                               .limits = {10, 10, 60000},
                               .handler = {.run = run_keep, .gone = count_gone, .more = count_more}};

        signal(SIGPIPE, SIG_IGN); /* as gslbd does */
        TAILQ_INIT(&hub.connections);
        gone = 0;
        int fd = connect_to(&hub);
        begin_pieces(&hub, fd);
        close(fd);
        for (unsigned given = 1; !gone; event_base_loop(hub.base, EVLOOP_NONBLOCK))
                if (asked == given && ++given)
                        http_reply_piece(kept, piece_of(PIECE), PIECE, false);
        ck_assert_uint_eq(gone, 1);
        fd = connect_to(&hub);
        struct http_connection *c = begin_pieces(&hub, fd);
        char text[5000];
        while (hub.budget.held || !asked) {
                event_base_loop(hub.base, EVLOOP_NONBLOCK);
                ck_assert(read(fd, text, sizeof(text)) != 0);
        }
        /* Who has read all is not late while the next piece is made. */
        for (int i = 0; asked == 1 && i < 200000 / HTTP_TICK_MS; i++) {
                hub.ticks++;
                http_connection_tick(c);
        }
        ck_assert_uint_eq(gone, 1);
        for (unsigned given = 1; asked == given; given++) {
                http_reply_piece(c, piece_of(PIECE), PIECE, false);
                event_base_loop(hub.base, EVLOOP_NONBLOCK);
        }
        for (int i = 0; gone == 1 && i < 100000 / HTTP_TICK_MS; i++) {
                hub.ticks++;
                http_connection_tick(c);
        }
        ck_assert_uint_eq(gone, 2);
        ck_assert(TAILQ_EMPTY(&hub.connections));
        ck_assert_uint_eq(hub.budget.held, 0);
        event_base_loop(hub.base, EVLOOP_NONBLOCK);
        close(fd);
        event_base_free(hub.base);
}
END_TEST

/* Names compared each with each would take minutes. */
START_TEST(a_patch_costs_what_it_is_long)
{
        const int count = 100000;
        struct arena *a = arena_new(0);
        struct doc *target = doc_new(a, DOC_MAP), *patch = doc_new(a, DOC_MAP);
        struct doc *old = doc_add_list(a, target, "records"), *named = doc_add_map(a, patch, "records");

        for (int i = 0; i < count; i++) {
                struct doc *record = doc_add_map(a, old, NULL);
                doc_add_format(a, record, "name", "R%d", i);
                doc_add_string(a, record, "type", "A");
                doc_add_int(a, target, arena_printf(a, "m%d", i), 1);
                doc_add_int(a, patch, arena_printf(a, "m%d", count - i), 2);
                struct doc *change = doc_add_map(a, named, arena_printf(a, "r%d/a", count - i));
                doc_add_int(a, change, "ttl", i);
        }
        struct doc *merged = merge_patch(a, target, patch), *records = doc_get(merged, "records");
        ck_assert_uint_eq(merged->count, count + 2);
        ck_assert_uint_eq(records->count, count + 1);
        ck_assert_str_eq(doc_get_string(records->last, "name"), "r100000");
        ck_assert_str_eq(doc_get_string(records->last, "type"), "a");
        arena_free(a);
}
END_TEST

int main(void)
{
        Suite *s = suite_create("admin http");
        TCase *t = tcase_create("pure");

        tcase_add_test(t, good_heads_are_taken_apart);
        tcase_add_test(t, heads_that_two_could_read_differently_are_refused);
        tcase_add_test(t, the_end_of_a_head_is_found_in_pieces);
        tcase_add_test(t, chunks_become_a_body_within_its_limit);
        tcase_add_test(t, small_bodies_are_taken_beside_large_ones);
        tcase_add_test(t, only_names_of_this_server_are_its_host);
        tcase_add_test(t, patches_follow_rfc_7396_and_names);
        tcase_add_test(t, what_waits_longest_without_a_request_makes_room);
        tcase_add_test(t, tokens_that_are_none_cost_their_sender_alone_time);
        tcase_add_test(t, a_reply_can_be_made_to_wait);
        tcase_add_test(t, a_request_has_one_time_in_all);
        tcase_add_test(t, a_request_is_replied_to_when_the_handler_has_the_reply);
        tcase_add_test(t, a_reply_in_pieces_is_made_as_it_is_read);
        tcase_add_test(t, who_leaves_or_stands_still_gets_no_more_pieces);
        tcase_add_test(t, a_patch_costs_what_it_is_long);
        suite_add_tcase(s, t);
        return run_suite(s);
}
