/* gslbd/answer/asking.h: one question under way, and what the steps towards its answer share. Answer path. */
#ifndef GSLBD_ANSWER_ASKING_H
#define GSLBD_ANSWER_ASKING_H

#include "gslbd/answer/context.h"
#include "gslbd/answer/query.h"
#include "gslbd/answer/reply.h"
#include "zones/dns/name.h"

#define CHAIN_MAX 8 /* CNAMEs and DNAMEs followed in one answer */

struct asking {
        const struct answer_context *context;
        const struct answer_peer *peer;
        const struct query *query;
        struct reply *reply;
        struct client client;
        bool located;
        enum cookie_verdict cookie;
        /* The name looked up now: the question's, or where a chain has led. */
        const uint8_t *name;
        unsigned name_length;
        uint16_t owner; /* pointer to it in the message */
        unsigned links; /* of the chain so far: */
        const struct node *visited[CHAIN_MAX];
        uint8_t target[NAME_WIRE_MAX]; /* where it has led */
};

enum step { STEP_DONE, STEP_FOLLOW }; /* FOLLOW: name and owner are those of a CNAME's target */

/* Goes on with the target of a CNAME that `from` gave, whose RDATA stands at `rdata_at` of the reply. DONE: the chain
 * is too long. */
enum step asking_follow(struct asking *, const struct node *from, const uint8_t *target, size_t rdata_at);
/* Whether the chain has been there: a loop. */
bool asking_visited(const struct asking *, const struct node *);
/* Whether the peer's address is no forgery: TCP, or a cookie of ours. */
bool asking_proven(const struct asking *);
/* The reply that makes a peer prove it: BADCOOKIE, or TC for those that have no cookies. */
void asking_challenge(struct asking *);
/* Finds out where the client is, once. */
void asking_locate(struct asking *);

/* RFC 8767: says so when the addresses are stale, unless there is something else to tell. */
void asking_tell_stale(struct asking *, const struct address_set *);

#endif
