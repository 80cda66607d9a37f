/* geo/mmdb_walk.h: all networks of a database, for the table that is compiled from them. Control thread. */
#ifndef GEO_MMDB_WALK_H
#define GEO_MMDB_WALK_H

#include "geo/mmdb.h"

/* A network and the offset of its record; networks come in the order of their addresses, IPv4 ones as IPv4. Many
 * networks share a record. */
typedef void mmdb_visit(void *context, const struct prefix *, uint32_t record);

size_t geo_file_count(const struct geo *);
/* false with a message when the search tree is damaged; what was visited before counts as not visited. */
bool mmdb_walk(const struct geo *, size_t file, mmdb_visit *, void *context, char *error, size_t error_size);
/* Adds what a record says to what is known. */
void mmdb_facts(const struct geo *, size_t file, uint32_t record, struct geo_facts *);

#endif
