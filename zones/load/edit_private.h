/* zones/load/edit_private.h: what zones/load/edit_*.c and model_edit.c share. */
#ifndef ZONES_LOAD_EDIT_PRIVATE_H
#define ZONES_LOAD_EDIT_PRIVATE_H

#include <setjmp.h>
#include "zones/load/load_private.h"
#include "zones/load/model_edit.h"
#include "zones/load/set.h"

/* A link of an item that the changes do not name. */
struct relink {
        struct service *service;
        struct binding *binding; /* whose `steered`; NULL: the service's zone */
        uint32_t before, after;
};

/* What becomes of a zone's serial. */
struct reserial {
        uint32_t zone, before, after;
        struct content_sum contents_before, contents_after;
};

struct model_edit {
        struct edited *items;
        size_t count, capacity;
        size_t named; /* those that the changes name; they come first */
        struct relink *relinks;
        size_t relink_count;
        struct reserial *serials; /* zones/load/serials.c */
        size_t serial_count;
        bool installed, linked; /* its references are in the lists, too */
        struct arena *scratch;  /* while it is made */
        struct arena *making;   /* of the item that is decoded just now */
        jmp_buf failure;        /* memory has ended while it is made */
};

/* --- edit_decode.c --- */

/* The items that the changes name, decoded, with numbers, not installed. false with problems, or with *whole. */
bool edit_decode(struct model *, struct model_edit *, const struct change *, size_t count, bool *whole,
                 struct problems *);
void edit_add(struct model_edit *, enum kind, uint32_t number, const void *before, const void *after);
/* Frees an item that is in no table. */
void edit_free_item(const struct model *, enum kind, const void *item);

/* --- edit_link.c --- */

/* Links what is installed, and checks whom it concerns. Problems: the references are as far as `linked` says. */
void edit_link(struct model *, struct model_edit *, struct problems *);
void relink_apply(struct model *, const struct relink *, uint32_t value);

/* --- edit_concerned.c --- */

/* Those beside the named ones (numbers): whom what comes, goes or changes concerns. */
void concerned_services(const struct model *, const struct model_edit *, struct set *services);
void concerned_pools(const struct model *, const struct model_edit *, struct set *pools);
/* Among all: services that may lead through more services than before, services that may be aliases now, zones whose
 * servers may have lost an address. Of a linked edit; the last two of one without problems so far. */
void concerned_depth(const struct model *, const struct model_edit *, struct set *services);
void concerned_beside(const struct model *, const struct model_edit *, struct set *services);
void concerned_servers(const struct model *, const struct model_edit *, struct set *zones);
/* Tokens of probers that go. */
void concerned_tokens(const struct model *, const struct model_edit *, struct set *tokens);

#endif
