/* zones/store/digest.h: all documents of a store as one number, so that two stores tell in 16 bytes whether they hold
 * the same: the sum modulo 2^128, over every document of every kind, of the first 16 bytes of SHA-256 over kind, key
 * (each with a zero byte behind it) and canonical JSON. A change takes away what was and adds what is.
 *
 * What stands in no document is not in it: history, serials, who touched what, notes. */
#ifndef ZONES_STORE_DIGEST_H
#define ZONES_STORE_DIGEST_H

#include "zones/store/store.h"

/* What sums need, for one transaction after the other. */
struct digester;
struct digester *digester_new(void);
void digester_free(struct digester *);

void digest_add(struct digester *, struct digest *, enum kind, const char *key, const struct doc *);
/* Of a document as it is stored; what is no JSON any more counts as the bytes that it is. */
void digest_subtract_stored(struct digester *, struct digest *, enum kind, const char *key, const char *json,
                            size_t length);

void digest_subtract(struct digest *, const struct digest *);
/* Summed up from the documents of these kinds (bits 1u << kind). false: as store_each. */
bool digest_of_kinds(struct store_txn *, unsigned kinds, struct digest *);

/* Keeps it in the transaction. Returns LMDB's code. */
int digest_put(struct store_txn *, const struct digest *);
/* Sums up what is stored, and keeps that: of a store that was written by a program that kept none. */
int digest_begin(struct store_txn *);

#endif
