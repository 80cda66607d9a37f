/* Opening the GeoIP databases again. */
#include "admin/api/handlers.h"

void handle_geo_reload(struct call *c)
{
        struct doc *d;
        bool ready;
        char error[512];

        if (call_is_dry(c) ? !control_check_geo(c->control, error, sizeof(error))
                           : !control_reload_geo(c->control, error, sizeof(error))) {
                reply_problem(c, 422, "%s; the databases loaded before stay in force", error);
                return;
        }
        d = call_ready(c, &ready);
        if (call_is_dry(c))
                doc_add_bool(c->arena, d, "dry_run", true);
        reply_doc(c, 200, d);
}
