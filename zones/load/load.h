/* zones/load/load.h: from documents to a checked model. One thread at a time, and nobody edits `previous`
 * meanwhile. */
#ifndef ZONES_LOAD_LOAD_H
#define ZONES_LOAD_LOAD_H

#include "base/documents/problems.h"
#include "zones/config/model.h"
#include "zones/store/store.h"

/* Reads the whole configuration inside a transaction (also an open write transaction, so that what validated is what is
 * served), decodes it and checks all references. NULL with problems; a problem's path names kind and key
 * ("services[www.example.com].pools[1]"). What has a key in `previous`, the model in force (NULL: none), keeps its
 * number. The caller frees the model with model_free. */
struct model *model_load(struct store_txn *, const struct model *previous, struct problems *);
/* The same within `memory_limit` bytes: beyond them it is a problem, not an abort. */
struct model *model_load_limited(struct store_txn *, const struct model *previous, size_t memory_limit,
                                 struct problems *);
/* The same without what cannot be taken: of a document that is not valid the smallest part that stands alone is left
 * out (an element of a list, a member, at last the document), and then what cannot do without it, until the rest is
 * valid. `left_out` gets every problem. With `known` (may be NULL) only problems that stand in it are put up with: any
 * other fails as model_load does, with those in `problems`. */
struct model *model_load_rest(struct store_txn *, const struct model *previous, const struct problems *known,
                              struct problems *left_out, struct problems *problems);
/* The same of what the store holds once these changes are applied to it (zones/load/over.h). */
struct over;
struct model *model_load_over(struct store_txn *, const struct over *, const struct model *previous,
                              const struct problems *known, struct problems *left_out, struct problems *problems);
void model_free(struct model *);

/* Checks a whole document as `apply` takes it ({regions: [...], ...}) against the schemas, alone, without references,
 * and gives the changes in it; they point into the document, whose member "revision" is checked and left to the caller.
 * Problems carry the document's own paths and lines. */
bool document_changes(const struct doc *, struct arena *, struct change **, size_t *count, struct problems *);

/* Gives problems that name kind and key ("pools[p].region") the line that the change wrote it on; a problem of a
 * reference to what the changes delete says that it refers to that, and no more. */
void changes_locate(const struct change *, size_t count, struct problems *);

/* Drops changes that change nothing against the store, or but the way in which the same is written, keeping the order;
 * returns how many are left. */
size_t changes_reduce(struct store_txn *, struct change *, size_t count);

/* Whether both say the same of an item of this kind, in one way of writing or another. */
bool documents_say_same(enum kind, const struct doc *, const struct doc *);

/* Drops changes that change nothing even where one side writes out defaults that the other leaves out; for documents
 * that came with all defaults. */
size_t changes_reduce_defaults(struct store_txn *, struct change *, size_t count);

/* Adds the deletion of everything of these kinds (bits 1 << kind) that the changes do not name. false: the store could
 * not be read to the end (store_is_whole). */
bool changes_prune(struct store_txn *, unsigned kinds, struct arena *, struct change **, size_t *count);

/* How it is told, and of what. */
struct export_terms {
        bool with_defaults, yaml;
        /* Whether an item is told of; any thread. NULL: all are. */
        bool (*sees)(void *context, enum kind, const char *key, const char *json, size_t length);
        void *context;
};
/* The whole configuration as one document: its revision, then the kinds in their order, of CLASS_CONFIGURATION alone.
 * As text, as the store is now, whatever is changed while somebody takes it (zones/store/walk.h). It ends
 * before the store is closed. The terms stay until then, and may still change before the first piece. NULL with a
 * message. */
struct pieces *configuration_pieces(struct store *, const struct export_terms *, uint64_t *revision, char *error,
                                    size_t error_size);

#endif
