#include "admin/api/api.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include "admin/api/api_private.h"
#include "admin/api/audit.h"
#include "admin/api/handlers.h"
#include "admin/http/auth.h"
#include "admin/control/control.h"
#include "admin/http/failures.h"
#include "admin/http/host.h"
#include "admin/http/http.h"
#include "admin/http/lane.h"
#include "admin/http/server.h"
#include "admin/http/token_set.h"
#include "admin/api/router.h"
#include "admin/http/running.h"
#include "admin/rollout/rollouts.h"
#include "base/event_thread.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/tls_server.h"

#define LARGE_BODY  ((size_t)64 << 10)
#define LARGE_REPLY ((size_t)2 << 20) /* of memory that a call took */

static void give_back(struct call *);
static void on_call(struct letter *);

/* --- on the API's thread: requests become calls --- */

/* Opens the call and says where it leads. false: there is a reply. Over TLS the certificate says for whom a request is.
 */
static bool find_call(struct api *api, struct call *call, struct http_connection *connection)
{
        if (!call_open(call, connection))
                return false;
        const char *host = call->head->host;
        if (!host || call->from.local || http_request_is_tls(connection) ||
            host_allowed(host, http_request_local(connection), api->hosts, api->host_count))
                return route_find(call);
        reply_problem(call, 421, "\"%s\" is no name of this server; admin.hosts in its settings lists more", host);
        return false;
}

static struct call *call_new(struct api *api)
{
        struct call *call = memory_alloc(sizeof(*call));

        *call = (struct call){.api = api, .control = api->control, .arena = arena_new(0), .who = "", .end = give_back};
        return call;
}

/* --- replies in pieces --- */

static void on_piece(struct letter *letter)
{
        struct call *call = call_of_letter(letter);

        call->asked = false;
        if (call->gone || !call_send_piece(call))
                call_close(call);
}

/* On the control thread, or the lane's. */
static void on_make(struct letter *letter)
{
        struct call *call = call_of_letter(letter);

        if (!call->gone)
                call_run(call, call_make_piece);
        mailbox_send(call->api->to_api, letter, on_piece);
}

static void on_more(void *taken_by, void *context)
{
        struct call *call = taken_by;
        struct api *api = context;

        call->asked = true;
        if (call->pieces_here)
                mailbox_send(api->to_control, &call->letter, on_make);
        else
                lane_send(api->lane, &call->letter, on_make);
}

/* --- the end of a call --- */

/* It has its reply, or the beginning of one. */
static void call_end(struct call *call)
{
        call_write_reply(call);
        audit_call(call);
        if (call->lane)
                lane_leave(call);
        if (call->reply.in_pieces && !call->gone) {
                on_more(call, call->api);
                return;
        }
        call_send_reply(call);
        call_close(call);
}

static void on_written(struct letter *letter)
{
        call_end(call_of_letter(letter));
}

/* On the lane's thread. */
static void on_write(struct letter *letter)
{
        struct call *call = call_of_letter(letter);

        call_write_reply(call);
        mailbox_send(call->api->to_api, letter, on_written);
}

static void on_replied(struct letter *letter)
{
        struct call *call = call_of_letter(letter);

        if (call->reply.document && arena_size(call->arena) > LARGE_REPLY)
                lane_send(call->lane ? call->lane : call->api->lane, letter, on_write);
        else
                call_end(call);
}

/* Reads the body and hands the call on; on the API's thread, or its lane's. */
static void on_read(struct letter *letter)
{
        struct call *call = call_of_letter(letter);

        if (!call->gone)
                call_run(call, route_read);
        if (call->route->apart && !call_answered(call))
                call_run(call, route_run);
        if (call->gone || call_answered(call))
                mailbox_send(call->api->to_api, letter, on_replied);
        else
                mailbox_send(call->api->to_control, letter, on_call);
}

static bool on_head(struct http_connection *connection, size_t *body_limit, void *context)
{
        struct api *api = context;
        struct call *call = call_new(api);
        bool good = find_call(api, call, connection);

        if (good) {
                *body_limit = route_body_limit(call);
                if (*body_limit > api->max_body)
                        *body_limit = api->max_body;
                call_close(call);
        } else {
                call_end(call);
        }
        return good;
}

static void on_request(struct http_connection *connection, void *context)
{
        struct api *api = context;
        struct call *call = call_new(api);

        if (!find_call(api, call, connection)) {
                call_end(call);
                return;
        }
        call->memory_limit = route_memory_limit(call);
        call->request = http_request_take(connection, call);
        if (call->request->body.length > LARGE_BODY || (call->route->read && call->route->body == BODY_NONE))
                lane_enter(call->route->changes && !call->route->constant ? api->changes_lane : api->lane, call,
                           on_read);
        else
                on_read(&call->letter);
}

static void on_gone(void *taken_by, void *context)
{
        struct call *call = taken_by;

        call->connection = NULL;
        call->gone = true;
        if (call->begun && !call->asked) /* else it is on its way here */
                call_close(call);
}

/* --- on the control thread: calls run --- */

/* What the API's thread is to know is so before anybody hears of a change that made it so. */
static void tell_api(struct api *api)
{
        const struct model *m = snapshot_current()->model;

        api->endpoints = m->endpoints_present;
        if (api->tokens_version == control_tokens_version(api->control))
                return;
        api->tokens_version = control_tokens_version(api->control);
        token_set_take(api->tokens, m);
}

static void give_back(struct call *call)
{
        call_leave(call);
        tell_api(call->api);
        mailbox_send(call->api->to_api, &call->letter, on_replied);
}

/* Whether what it changes may be much. */
static bool is_large(const struct call *call)
{
        switch (call->route->beside) {
        case BESIDE_NEVER:
                break;
        case BESIDE_LARGE:
                return call->body.length > LARGE_BODY || call_flag(call, PARAMETER_PRUNE) ||
                       call_text(call, PARAMETER_PRUNE_KIND);
        case BESIDE_ALWAYS:
                return true;
        }
        return false;
}

/* Whether a call that changes something may: nothing is being written, and one that cannot be run twice does not meet
 * others. */
static bool may_run(const struct call *call)
{
        if (control_busy(call->control))
                return false;
        return call->body.length <= BODY_KEPT_MAX ||
               (!control_gathers(call->control) && !control_building(call->control));
}

/* It ends, unless it waits for something: the reply, or its turn. */
static void go_on(struct call *call, bool later)
{
        if (call->waits)
                return;
        if (call->again)
                call_forget(call);
        call->behind_build = later && control_building(call->control) && !control_busy(call->control);
        if (later)
                TAILQ_INSERT_TAIL(&call->api->postponed, call, link);
        else
                give_back(call);
}

/* On the builder's thread. */
static void prepare(void *context)
{
        struct call *call = context;

        call_run(call, call->route->run);
        call_leave(call);
}

static void is_prepared(void *context)
{
        struct call *call = context;

        if (!call->gone && !call_answered(call))
                call_run(call, reply_change_prepared);
        go_on(call, call->again);
}

/* Runs it beside other work: then it is the builder's thread's. false: it has its reply, or is to be run later. */
static bool run_beside(struct call *call)
{
        call_run(call, route_look);
        if (call_answered(call))
                return false;
        call->beside = true;
        bool begun = control_prepare(call->control, prepare, is_prepared, call);
        if (!begun)
                call->again = true;
        return begun;
}

static void run(struct call *call)
{
        bool later = call->route->changes && !call->route->constant && !may_run(call);

        if (!later && !call->gone && route_admits(call)) {
                if (!is_large(call))
                        call_run(call, route_run);
                else if (run_beside(call))
                        return;
                later = call->again;
        }
        go_on(call, later);
}

static void on_call(struct letter *letter)
{
        run(call_of_letter(letter));
}

/* Another change may begin: what waited for that has its turn, first come, first served. */
static void on_free(void *context)
{
        struct api *api = context;
        struct postponed_list list = TAILQ_HEAD_INITIALIZER(list);

        tell_api(api);
        if (api->asked) /* in a row they would leave no room for it */
                rollouts_look(api->rollouts);
        api->asked = false;
        TAILQ_CONCAT(&list, &api->postponed, link);
        for (struct call *call; (call = TAILQ_FIRST(&list));) {
                TAILQ_REMOVE(&list, call, link);
                if (call->behind_build && control_building(api->control))
                        TAILQ_INSERT_TAIL(&api->postponed, call, link);
                else
                        run(call);
        }
}

/* --- the whole --- */

static bool set_tls(struct api *api, const struct api_options *o, char *error, size_t error_size)
{
        char why[300];

        if (!o->tls_certificate)
                return true;
        const struct tls_server_options tls = {
                .certificate = o->tls_certificate, .key = o->tls_key, .client_authority = o->tls_client_authority};
        api->tls = tls_server_open(&tls, why, sizeof(why));
        if (!api->tls)
                snprintf(error, error_size, "admin.tls: %s", why);
        return api->tls != NULL;
}

void api_reload_certificate(struct api *api)
{
        char why[300];

        if (api->tls && !tls_server_reload(api->tls, why, sizeof(why)))
                log_error("api", "the certificate read before stays in force: %s", why);
}

static bool open_threads(struct api *api, struct event_base *control, char *error, size_t error_size)
{
        api->thread = event_thread_new("api");
        api->to_api = api->thread ? mailbox_open(event_thread_base(api->thread)) : NULL;
        api->to_control = mailbox_open(control);
        api->changes_lane = lane_open("api-changes");
        api->lane = lane_open("api-large");
        if (api->to_api && api->to_control && api->changes_lane && api->lane)
                return true;
        snprintf(error, error_size, "cannot start the API's threads: out of memory, threads or descriptors");
        return false;
}

static bool open_server(struct api *api, const struct api_options *o, char *error, size_t error_size)
{
        const struct http_handler calls = {on_head, on_request, on_gone, on_more, api};

        if (!set_tls(api, o, error, error_size))
                return false;
        snprintf(error, error_size, "cannot start the admin API: out of memory");
        api->http = http_server_new(event_thread_base(api->thread), &o->limits, calls);
        for (size_t i = 0; api->http && i < o->listen_count; i++)
                if (!http_server_listen(api->http, &o->listen[i], api->tls, error, error_size))
                        return false;
        return api->http != NULL;
}

struct api *api_open(struct event_base *base, struct control *control, struct rollouts *rollouts,
                     const struct api_options *o, char *error, size_t error_size)
{
        struct api *api = memory_alloc(sizeof(*api));

        api->control = control;
        api->rollouts = rollouts;
        api->tokens = token_set_new();
        TAILQ_INIT(&api->postponed);
        api->hosts = o->hosts;
        api->host_count = o->host_count;
        api->users = o->users;
        api->user_count = o->user_count;
        api->clients = o->clients;
        api->client_count = o->client_count;
        api->max_body = o->max_body;
        api->failures = failures_new();
        api->metrics_endpoints = o->metrics_endpoints;
        api->metrics_endpoints_most = o->metrics_endpoints_most;
        api->limits_tell = o->limits_tell;
        api->privileges_tell = o->privileges_tell;
        api->process = o->process;
        if (open_threads(api, base, error, error_size) && open_server(api, o, error, error_size) &&
            token_first(control, o->token_file, error, error_size)) {
                control_when_free(control, on_free, api);
                tell_api(api);
                if (event_thread_start(api->thread))
                        return api;
                snprintf(error, error_size, "cannot start the API's thread");
        }
        api_close(api);
        return NULL;
}

/* Nobody makes a call any more, and none runs: those that are left end without a reply. */
static void drop_calls(struct api *api)
{
        struct mailbox *const mails[] = {api->to_api, api->to_control};
        struct lane *const lanes[] = {api->changes_lane, api->lane};
        struct letter *letter;
        struct call *call;

        for (size_t i = 0; i < sizeof(mails) / sizeof(*mails); i++)
                while (mails[i] && (letter = mailbox_take(mails[i])))
                        if (letter != &api->stop)
                                call_close(call_of_letter(letter));
        for (size_t i = 0; i < sizeof(lanes) / sizeof(*lanes); i++)
                while (lanes[i] && (call = lane_take(lanes[i])))
                        call_close(call);
}

static void on_stop(struct letter *letter)
{
        struct api *api = (struct api *)(void *)((char *)letter - offsetof(struct api, stop));

        http_server_stop(api->http);
}

void api_close(struct api *api)
{
        struct call *call;

        control_when_free(api->control, NULL, NULL);
        while ((call = TAILQ_FIRST(&api->postponed))) {
                TAILQ_REMOVE(&api->postponed, call, link);
                reply_problem(call, 503, "gslbd is being stopped, nothing was changed");
                give_back(call);
        }
        control_cancel(api->control);
        control_settle(api->control); /* what was accepted is answered */
        if (api->to_api)
                mailbox_send(api->to_api, &api->stop, on_stop);
        if (api->thread)
                event_thread_wait(api->thread);
        if (api->http)
                http_server_disconnect(api->http);
        if (api->changes_lane)
                lane_end(api->changes_lane);
        if (api->lane)
                lane_end(api->lane);
        drop_calls(api);
        http_server_close(api->http);
        lane_close(api->changes_lane);
        lane_close(api->lane);
        mailbox_close(api->to_control);
        mailbox_close(api->to_api);
        event_thread_free(api->thread);
        token_set_free(api->tokens);
        failures_free(api->failures);
        tls_server_free(api->tls);
        free(api);
}

uint16_t api_port(const struct api *api, size_t i)
{
        return http_server_port(api->http, i);
}
