/* zones/load_private.h: what zones/load*.c share. */
#ifndef ZONES_LOAD_PRIVATE_H
#define ZONES_LOAD_PRIVATE_H

#include "zones/load.h"

/* Resolves names to indexes and checks what concerns more than one document. */
void model_link(struct model *, struct problems *);
/* Owners, types and RDATA of a zone's records, and what may stand beside what. */
void zone_records_check(struct model *, struct zone *, struct problems *);
/* Whether the zone has an A, AAAA or CNAME record at this owner; its index, or MODEL_NONE. */
uint32_t zone_address_record(const struct zone *, const uint8_t *owner);

/* A problem at "services[www.example.com].pools[1]": kind, key and the rest. */
void model_problem(struct problems *, enum kind, const char *key, const char *rest, const char *format, ...)
        __attribute__((format(printf, 5, 6)));

#endif
