/* tests/unit/model_text.h: a model as text, without numbers: two models are the same when their texts are. */
#ifndef TESTS_UNIT_MODEL_TEXT_H
#define TESTS_UNIT_MODEL_TEXT_H

#include "base/buffer.h"
#include "zones/config/model.h"

/* All items in the order of kinds and keys, with what their links lead to, who refers to them, serials and digests of
 * contents. Fails the test where tables of the model do not agree with each other. */
void model_text(const struct model *, struct buffer *);

#endif
