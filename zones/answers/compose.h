/* zones/answers/compose.h: what hangs off a root, made from items of the model, each in one block: nodes, zones, what a
 * transfer shows of pools. What is made has copies of all that it needs. Control thread. */
#ifndef ZONES_ANSWERS_COMPOSE_H
#define ZONES_ANSWERS_COMPOSE_H

#include "zones/answers/blocks.h"
#include "zones/answers/nodes.h"

/* What stands at a name. */
struct place {
        const struct model *model;
        uint32_t zone;
        const uint8_t *name;     /* wire, lower case */
        const uint32_t *records; /* indexes of the zone's records of this owner, by type */
        uint32_t record_count;
        uint32_t service;          /* or MODEL_NONE */
        const struct route *route; /* its; NULL: disabled */
        bool occluded;             /* it lies in a zone below, which answers */
        bool wildcard_child;       /* *.name is there */
};

/* The records at `name`. */
void place_find_records(struct place *);
struct node *compose_node(struct blocks *, const struct place *);
/* A zone without its names, delegations and DNAMEs. */
struct zone_data *compose_zone(struct blocks *, const struct zone *);
/* NULL: a transfer shows nothing of it. */
const struct pool_contents *compose_pool(struct blocks *, const struct pool *);

#endif
