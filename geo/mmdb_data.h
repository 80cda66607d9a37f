/* geo/mmdb_data.h: is a record of an MMDB data section whole? libmaxminddb follows pointers wherever they lead: what is
 * nested without end, or doubles at each of many levels, would keep it busy for ever. So each file is checked here
 * before it is read. https://maxmind.github.io/MaxMind-DB/ */
#ifndef GEO_MMDB_DATA_H
#define GEO_MMDB_DATA_H

#include <stdint.h>

#define MMDB_RECORD_VALUES_MAX 10000 /* of one record, with what its pointers lead to; real ones have some 200 */
#define MMDB_RECORD_DEPTH_MAX  64

struct mmdb_data {
        const uint8_t *bytes;
        uint64_t size;
        uint8_t *checked; /* a bit per offset: what pointers lead to is checked once. NULL: each time */
        uint64_t budget;  /* values that may still be looked at, over all records */
};

/* NULL when the record at `offset` is whole, or what is wrong with it. */
const char *mmdb_data_check(struct mmdb_data *, uint64_t offset);

#endif
