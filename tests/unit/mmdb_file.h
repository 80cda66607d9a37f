/* tests/unit/mmdb_file.h: makes MMDB files, good ones and damaged ones, byte by byte as the format's specification has
 * it. */
#ifndef TESTS_UNIT_MMDB_FILE_H
#define TESTS_UNIT_MMDB_FILE_H

#include <stddef.h>
#include <stdint.h>
#include "base/address.h"

struct mmdb_file;

/* ip_version 4 or 6; record_size 24, 28 or 32 bits. Test programs end when memory runs out. */
struct mmdb_file *mmdb_file_new(unsigned ip_version, unsigned record_size);
void mmdb_file_free(struct mmdb_file *);

/* Data, appended: a record begins where mmdb_file_at() was before its first part. */
uint32_t mmdb_file_at(const struct mmdb_file *);
void mmdb_map(struct mmdb_file *, unsigned pairs);
void mmdb_array(struct mmdb_file *, unsigned items);
void mmdb_text(struct mmdb_file *, const char *);
void mmdb_number(struct mmdb_file *, uint32_t);
void mmdb_double(struct mmdb_file *, double);
void mmdb_pointer(struct mmdb_file *, uint32_t offset);
void mmdb_bytes(struct mmdb_file *, const void *, size_t); /* as they are */
/* {"country": {"iso_code": CODE}}; returns its offset. */
uint32_t mmdb_country(struct mmdb_file *, const char *code);

/* All addresses of a network get the record at `data`, also those that had another: wide networks go in first. In an
 * IPv6 file IPv4 networks lie below ::/96. */
void mmdb_file_insert(struct mmdb_file *, const struct prefix *, uint32_t data);
/* A second way into the IPv4 part of an IPv6 file, as ::ffff:0:0/96 and 2002::/16 have it. */
void mmdb_file_alias(struct mmdb_file *, const struct prefix *);

void mmdb_file_write(const struct mmdb_file *, const char *path);

#endif
