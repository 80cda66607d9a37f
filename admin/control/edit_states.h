/* admin/control/edit_states.h: what is known of the endpoints of pools that an edit changes, and what checks them.
 * Control thread. */
#ifndef ADMIN_CONTROL_EDIT_STATES_H
#define ADMIN_CONTROL_EDIT_STATES_H

#include <stddef.h>
#include "zones/config/edited.h"

struct control;
struct saved_states;

/* Gives steering the states that these endpoints begin with: what is known of them, and the drains in force. The items
 * are installed, and steering has taken them. */
void edit_states_put(struct control *, const struct edited *, size_t count);
/* The same to look what it would be; what was is kept, and taken back by edit_states_back, which frees it. */
struct saved_states *edit_states_try(struct control *, const struct edited *, size_t count);
void edit_states_back(struct control *, struct saved_states *);
/* Who is checked, and how, is as the items say from now on; so are the host names that are looked up. Steering has what
 * is known of them before anybody sees the items. */
void edit_states_watch(struct control *, const struct edited *, size_t count);

#endif
