/* zones/explain/telling.h: one story under way: who asks what, what is told so far, and what the reply amounts to. */
#ifndef ZONES_EXPLAIN_TELLING_H
#define ZONES_EXPLAIN_TELLING_H

#include "base/arena.h"
#include "base/documents/doc.h"
#include "zones/answers/snapshot.h"
#include "zones/dns/name.h"
#include "zones/explain/question.h"
#include "zones/steering/steering_tables.h"

#define EXPLAIN_LINKS_MAX 8 /* as answer() follows */

struct telling {
        const struct explain_question *question;
        const struct snapshot *snapshot;
        const struct model *model;
        const struct steering *steering;
        const struct geo *geo;
        struct arena *arena;
        struct doc *out, *story;
        struct client client;
        const struct class *class;
        uint16_t type;
        enum family family;
        unsigned depth;            /* services inside services */
        const struct doc *located; /* where the client is; NULL: that has not been told */
        /* What is looked up: the question, then what aliases lead to. */
        uint8_t names[EXPLAIN_LINKS_MAX + 1][NAME_WIRE_MAX];
        unsigned links;      /* followed so far */
        const uint8_t *name; /* the newest of them */
        /* The reply. */
        struct doc *answer;
        const char *rcode, *extended_error;
        uint32_t ttl; /* the least of all records; UINT32_MAX: none yet */
        uint8_t scope;
};

/* What came of one name. */
enum told { TOLD_ALL, TOLD_ALIAS /* name holds where it leads */, TOLD_NOTHING };

/* Adds a sentence. */
void story_add(struct telling *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* How it ends: a sentence of its own, and "result" in the document. */
void story_end(struct telling *, const char *result);
/* Adds a record to the answer. */
void telling_answer(struct telling *, const char *text, uint32_t ttl);
void telling_scope(struct telling *, uint8_t scope);
/* Goes on with another name, unless that leads in a circle or too far. */
enum told telling_follow(struct telling *, const uint8_t *name);

const char *rdata_text(struct telling *, uint16_t type, const uint8_t *rdata); /* of A, AAAA or CNAME */
const char *target_text(struct telling *, const struct target *);
const char *wire_text(struct telling *, const uint8_t *name);

#endif
