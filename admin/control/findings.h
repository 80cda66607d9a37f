/* admin/control/findings.h: what stands against a change, as guard.c finds it and control.h hands it on. */
#ifndef ADMIN_CONTROL_FINDINGS_H
#define ADMIN_CONTROL_FINDINGS_H

#include <stddef.h>

struct doc;

struct findings {
        size_t losing; /* services that some of their clients would find without anything healthy */
        size_t broken; /* rules of the configuration in force: what the change makes of them holds from the next on */
        struct doc *traffic; /* what it does to traffic, when that is to be told; else NULL */
};

#endif
