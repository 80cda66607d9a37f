/* admin/ctl/moving/vscf.h: the language of gdnsd's files, "vscf": hashes, arrays and strings (gdnsd.config(5),
 * "LOW-LEVEL SYNTAX"). */
#ifndef ADMIN_CTL_MOVING_VSCF_H
#define ADMIN_CTL_MOVING_VSCF_H

#include "base/documents/doc.h"

/* Reads a file and what it includes into maps, lists and strings, each with its line. NULL: problems say why. */
struct doc *vscf_read(const char *path, struct arena *, struct problems *);

#endif
