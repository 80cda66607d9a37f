/* zones/load/model_problem.h: what is wrong with documents that are good alone, by kind and key. */
#ifndef ZONES_LOAD_MODEL_PROBLEM_H
#define ZONES_LOAD_MODEL_PROBLEM_H

#include "base/documents/problems.h"
#include "zones/config/model.h"

/* What model_resolve says of a kind and key that nothing has. */
#define MODEL_REFERS    "refers to %s[%s]"
#define MODEL_NOT_THERE ", which does not exist"

/* A problem at "services[www.example.com].pools[1]": kind, key and the rest. */
void model_problem(struct problems *, enum kind, const char *key, const char *rest, const char *format, ...)
        __attribute__((format(printf, 5, 6)));
/* The index of the document that another one names at kind[key].rest; MODEL_NONE with a problem when there is none. */
uint32_t model_resolve(struct model *, enum kind wanted, const char *name, struct problems *, enum kind,
                       const char *key, const char *rest);

#endif
