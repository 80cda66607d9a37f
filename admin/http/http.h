/* admin/http/http.h: one call of the API: its request taken apart, its one reply.
 *
 * A call goes from thread to thread, whole, and belongs to the one that has it: the API's makes it of a request, reads
 * its body and sends its reply; the control thread runs it in between. Bodies and replies that are large are read and
 * written on threads of their own (admin/http/lane.h).
 *
 * Everything a call needs lives in its arena and goes with it; what does not is named here, so that a call which memory
 * ends under leaves nothing behind. */
#ifndef ADMIN_HTTP_HTTP_H
#define ADMIN_HTTP_HTTP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include "admin/http/connection.h"
#include "base/named.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/mailbox.h"
#include "base/pieces.h"
#include "base/documents/doc.h"
#include "base/documents/problems.h"
#include "zones/config/model.h"

struct api;
struct backup;
struct control;
struct lane;
struct route;
struct scope;
struct schema;
struct store_txn;

#define METHODS(X)                                                                                                     \
        X(METHOD_GET, "GET")                                                                                           \
        X(METHOD_HEAD, "HEAD")                                                                                         \
        X(METHOD_POST, "POST")                                                                                         \
        X(METHOD_PUT, "PUT")                                                                                           \
        X(METHOD_PATCH, "PATCH")                                                                                       \
        X(METHOD_DELETE, "DELETE")                                                                                     \
        X(METHOD_OPTIONS, "OPTIONS")                                                                                   \
        X(METHOD_OTHER, "OTHER")
enum method { METHODS(NAMED_VALUE) };
extern const char *const method_names[];

/* What may stand behind the '?' of a path; a route names those that it knows. */
enum parameter {
        PARAMETER_DRY_RUN,
        PARAMETER_PRUNE,
        PARAMETER_PRUNE_KIND,
        PARAMETER_FORCE,
        PARAMETER_OVERWRITE,
        PARAMETER_WITH_DRAINS,
        PARAMETER_DEFAULTS,
        PARAMETER_CHANGES,
        PARAMETER_LIMIT,
        PARAMETER_AFTER,
        PARAMETER_AFTER_NUMBER, /* "after" too, where it is a number */
        PARAMETER_BEFORE,
        PARAMETER_COMMENT,
        PARAMETER_REASON,
        PARAMETER_NAME,
        PARAMETER_TYPE,
        PARAMETER_CLIENT,
        PARAMETER_OF_POOL,
        PARAMETER_OF_REGION,
        PARAMETER_LABEL,
        PARAMETER_STATE,
        PARAMETER_PREFIX,
        PARAMETER_ENDPOINTS,
        PARAMETER_OF_SERVICE,
        PARAMETER_BY,
        PARAMETER_SINCE,
        PARAMETER_SINCE_TIME, /* "since" too, where it may lie long back */
        PARAMETER_AUTHOR,
        PARAMETER_KINDS,
        PARAMETER_DOWN,
        PARAMETER_CONFIRM_WITHIN,
        PARAMETER_ABORT_IF,
        PARAMETER_CHECK_FIRST,
        PARAMETER_CHECK_WITHIN,
        PARAMETER_AT,
        PARAMETER_COUNT
};
#define PARAMETER(name) (UINT64_C(1) << PARAMETER_##name)

#define CALL_SEGMENTS_MAX 10

/* What a call is answered with. */
struct reply {
        int status; /* 0: there is none yet */
        const char *content_type;
        const struct doc *document; /* in the call's arena, not written yet; NULL: it is text */
        bool yaml;
        bool in_pieces; /* the call's */
        struct buffer text;
        const char *refusal; /* the server's own, in place of all that: not NULL */
};

/* What was read of the body, before the call runs. */
struct call_body {
        size_t length; /* of its bytes; they are gone when it was read */
        struct doc *document;
        void *taken; /* what the route made of it; see struct route */
        int status;  /* of the reply when it could not be read; 0: it could */
        const char *detail;
        struct problems problems;
};

/* One request under way. */
struct call {
        struct letter letter;   /* on its way to another thread */
        TAILQ_ENTRY(call) link; /* while it waits: for a lane, or for its turn to change something */
        struct lane *lane;      /* that it holds; NULL: none */
        struct http_connection
                *connection;          /* of the API's thread, which alone looks at it; NULL: the caller has gone */
        atomic_bool gone;             /* the caller has: nobody is replied to */
        struct http_request *request; /* NULL: it is the connection's still */
        const struct head *head;
        struct peer from;
        bool held_back; /* the reply is to cost the caller time */
        struct call_body body;
        struct reply reply;
        /* Of a reply in pieces: */
        struct pieces *pieces; /* NULL: it is in one */
        struct scope *scope;   /* what the caller sees of it; NULL: all */
        bool pieces_here;      /* the control thread makes them; else a lane does */
        bool begun, asked;     /* the API's thread's: the first has gone; the next is being made */
        enum piece piece;      /* what reply.text is */
        struct api *api;
        struct control *control;
        struct arena *arena;
        struct problems problems;  /* of what the caller sent */
        struct store_txn *txn;     /* the read transaction that is open, or NULL */
        struct buffer fields;      /* of the reply's head */
        const struct route *route; /* what it led to */
        enum method method;
        const char *path;                        /* as it came */
        const char *segments[CALL_SEGMENTS_MAX]; /* of the path, decoded */
        size_t segment_count;
        enum kind kind;                     /* that the path is about */
        const char *parts[4];               /* what the pattern's {...} matched, in order */
        const char *texts[PARAMETER_COUNT]; /* the parameters that were given */
        uint64_t numbers[PARAMETER_COUNT];  /* of those that are numbers */
        const char *who;                    /* the token's name, or the user's; "": not known */
        enum role role;
        const char *prober; /* of a prober's token */
        bool is_known;      /* who it is: by a token, or by the connection */
        bool scoped;        /* its token is for a part alone */
        const char *token_hash;
        const struct token *token; /* of the model, on the control thread until a change is made; NULL: none */
        bool beside;         /* it runs on the builder's thread, and makes its change on the control thread later */
        bool waits;          /* the handler has returned, and the reply comes with what it waits for */
        bool again;          /* nothing was done: it is to be run again when no other change is under way */
        bool behind_build;   /* likewise, but it waits for what is being built, not for what is being written */
        size_t memory_limit; /* in bytes */
        void (*end)(struct call *);  /* of a call that waited: it has its reply */
        void *then;                  /* what the reply needs, while it waits */
        const char *detail;          /* of a reply that is a problem */
        uint64_t revision;           /* that the call made; 0: none */
        const char *reason;          /* why something is forced, where the body says it; NULL: see PARAMETER_REASON */
        const struct backup *backup; /* that the call restores; NULL: none */
};

static inline struct call *call_of_letter(struct letter *l)
{
        return (struct call *)(void *)((char *)l - offsetof(struct call, letter));
}

/* Takes method and path apart. false: there is a reply. */
bool call_open(struct call *, struct http_connection *);
void call_close(struct call *);
static inline bool call_answered(const struct call *c)
{
        return c->reply.status != 0;
}
/* As it was before it ran: what it found and was to reply is forgotten. */
void call_forget(struct call *);
/* Lets go of what belongs to the thread on which it ran. */
void call_leave(struct call *);

const char *call_header(const struct call *, const char *name); /* NULL: absent */

/* --- forms: what the caller says, read in one way. admin/http/form.c --- */

/* Reads what stands behind the '?': `known` are bits of PARAMETER(), `limit_most` bounds limit. false: 400 was sent. */
bool call_parameters(struct call *, uint64_t known, uint32_t limit_most);
bool call_flag(const struct call *, enum parameter);
const char *parameter_name(enum parameter);
const char *call_text(const struct call *, enum parameter); /* NULL: absent */
uint64_t call_number(const struct call *, enum parameter, uint64_t when_absent);
/* Reads the body before the call runs; what is wrong with it is told to who asks for it. Any thread. */
void call_read_body(struct call *, const struct doc_limits *);
/* Larger bodies are given away once: a call with one is run but once. */
#define BODY_KEPT_MAX ((size_t)1 << 20)
/* The body as a document; NULL: there is a reply (400, 413, 415). */
struct doc *call_body(struct call *);
/* Whether it could be read; otherwise there is a reply. */
bool call_body_good(struct call *);
/* The body, decoded; no body is an empty map. false: a reply was sent. */
bool call_form(struct call *, const struct schema *, void *out);
/* That a call which takes no body has none, or {}. false: 400 was sent. */
bool call_no_body(struct call *);
/* Whether nothing is wrong so far; otherwise 422 was sent with the problems. */
bool call_valid(struct call *);

/* --- replies: the one that a call gets. admin/http/http.c --- */

/* It and all in it lives in the call's arena. */
void reply_doc(struct call *, int status, const struct doc *);
bool call_wants_yaml(const struct call *); /* by what the caller accepts */
void reply_buffer(struct call *, int status, const char *content_type, struct buffer *); /* takes the bytes */
void reply_text(struct call *, int status, const char *content_type, const char *text, size_t length);
void reply_pieces(struct call *, int status, const char *content_type); /* call->pieces */
void reply_nothing(struct call *, int status);
/* What is said when memory has ended: 503, or that the call has made its revision all the same. */
void reply_without_memory(struct call *, const char *why);
/* RFC 9457. */
void reply_problem(struct call *, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));
void reply_problems(struct call *, int status, const char *detail, const struct problems *);
/* With a member beside; `value` NULL: none. */
void reply_problems_beside(struct call *, int status, const char *detail, const struct problems *, const char *name,
                           struct doc *value);
void call_set_header(struct call *, const char *name, const char *value);
/* Writes the reply's document as text. Any thread. */
void call_write_reply(struct call *);
/* Makes the next piece of a reply. */
void call_make_piece(struct call *);
/* Sends it. The API's thread. false: no more is wanted. */
bool call_send_piece(struct call *);
/* Sends the reply to who waits for it. The API's thread. */
void call_send_reply(struct call *);

/* --- entity tags. admin/http/precondition.c --- */

/* Of a document: quoted hex of a hash. */
const char *doc_etag(struct arena *, const struct doc *);
/* Of the configuration: "r42". */
const char *revision_etag(struct arena *, uint64_t revision);
/* Checks If-Match and If-None-Match against what is there (NULL: nothing) and the revision in force. false: 412 was
 * sent. */
bool call_precondition(struct call *, const struct doc *current);
/* Says the tag; true: the caller has just that, and 304 was sent. */
bool call_not_modified(struct call *, const char *tag);

#endif
