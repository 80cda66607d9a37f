/* admin/traffic/foretell.h: what would become of the last hour's traffic. Control thread. */
#ifndef ADMIN_TRAFFIC_FORETELL_H
#define ADMIN_TRAFFIC_FORETELL_H

#include "admin/traffic/traffic.h"
#include "zones/forecast/forecast.h"

struct foretold;

/* Asked of what is in force, and of steering as it would be: an edit of it that is under way, or another (edit NULL).
 */
struct foretold *traffic_foretell(struct traffic *, const struct steering *, const struct steering_edit *);
void foretold_free(struct foretold *);
double foretold_moved(const struct foretold *);                         /* forecast_moved */
struct doc *foretold_describe(const struct foretold *, struct arena *); /* forecast_describe; while all is there */

#endif
