/* gslbd/answer/answer_private.h: what gslbd/answer*.c share: one question under way. Answer path. */
#ifndef GSLBD_ANSWER_ANSWER_PRIVATE_H
#define GSLBD_ANSWER_ANSWER_PRIVATE_H

#include "gslbd/answer/answer.h"
#include "gslbd/answer/reply.h"

#define CHAIN_MAX 8 /* CNAMEs and DNAMEs followed in one answer */

struct asking {
        const struct answer_context *context;
        const struct answer_peer *peer;
        const struct query *query;
        struct reply *reply;
        struct client client;
        bool located;
        /* The name looked up now: the question's, or where a chain has led. */
        const uint8_t *name;
        unsigned name_length;
        uint16_t owner;                /* pointer to it in the message */
        uint8_t target[NAME_WIRE_MAX]; /* where the chain has led */
};

enum step { STEP_DONE, STEP_FOLLOW }; /* FOLLOW: name and owner are those of a CNAME's target */

/* answer_zone.c: the zones we serve */
void answer_zones(struct asking *);
/* answer_service.c: the records of a service. Adds nothing when there is none of the type. */
enum step answer_service(struct asking *, const struct node *, uint16_t type);
void widen_scope(struct reply *, uint8_t scope); /* to one that is longer */
void locate(struct asking *);                    /* the client, once */
/* answer_bindings.c: SVCB and HTTPS records of a service (RFC 9460) */
void answer_bindings(struct asking *, const struct node *, const struct bindings *, uint16_t type);
/* answer_chaos.c: class CH (RFC 4892) */
void answer_chaos(struct asking *);

/* Goes on with a name as it stands in RDATA at `rdata_at` of the reply, uncompressed in `target`. */
void follow(struct asking *, const uint8_t *target, size_t rdata_at);

#endif
