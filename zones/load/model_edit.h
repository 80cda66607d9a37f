/* zones/load/model_edit.h: a change of some items of a model, at a cost of what it changes. Control thread.
 *
 * An edit is made against the model as it stands, and is installed in it then: all look-ups find what is new. It can be
 * taken out again and put back, by pointers, as long as what was installed behind it is out. Items that it replaced
 * live on until it is kept. What is accepted, and what is said of what is not, are the same as of a whole load of the
 * documents that there are then. */
#ifndef ZONES_LOAD_MODEL_EDIT_H
#define ZONES_LOAD_MODEL_EDIT_H

#include "base/documents/problems.h"
#include "zones/config/edited.h"
#include "zones/config/model.h"
#include "zones/store/store.h"

struct model_edit;

/* Decodes and checks the changes and installs what they come to. NULL: `problems` say why, as a whole load would, and
 * the model is as before; or *whole: such changes are for a whole load (regions, networks, rules; a monitor on
 * which others depend that are decoded or linked with it). Changes of operations (CLASS_OPERATION) concern no model and
 * are passed over. */
struct model_edit *model_edit_new(struct model *, const struct change *, size_t count, bool *whole, struct problems *);

/* What it changes, in the order of kinds and keys: first the items that the changes name, then others whose links are
 * others now (a service whose zone or whose hints' service came or went) and zones whose serial rises: of these
 * `before` and `after` are the same item, which shows what is true as long as the edit is installed. */
const struct edited *model_edit_items(const struct model_edit *, size_t *count);

/* Takes it out, and puts it in again; those made later are out. */
void model_edit_uninstall(struct model *, struct model_edit *);
void model_edit_install(struct model *, struct model_edit *);
/* It stays: it is committed, and nobody holds on to what it replaced, which is freed. In the order of their making. */
void model_edit_keep(struct model *, struct model_edit *);
/* It is uninstalled and never was: frees what was new. */
void model_edit_drop(struct model *, struct model_edit *);

#endif
