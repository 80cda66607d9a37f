/* New GeoIP databases while running. */
#include <stdio.h>
#include "admin/control/control_private.h"
#include "admin/control/foresee.h"
#include "base/clock.h"
#include "base/log.h"

static void log_files(const struct geo *geo)
{
        struct geo_file file;
        char time[CLOCK_TEXT_MAX];

        for (size_t i = 0; geo_file(geo, i, &file); i++)
                log_debug("geo", "%s: %s, built %s", file.path, file.type,
                          clock_format((int64_t)file.build_epoch * 1000, time));
}

struct geo *geo_open_all(struct control *control)
{
        struct geo *geo = geo_open((const char *const *)control->geo_paths, control->geo_path_count, control->geo_error,
                                   sizeof(control->geo_error));

        if (geo)
                log_files(geo);
        return geo;
}

/* NULL: it cannot be built, which is told when it is taken. */
static struct doc *foresee_geo(struct control *control, const struct geo *geo, struct arena *a)
{
        struct problems none = PROBLEMS_INIT;
        struct findings findings = {0};
        char error[CONTROL_ERROR_MAX];

        control_settle(control);
        struct snapshot *snapshot = control_build_again(control, geo, error, sizeof(error));
        if (!snapshot)
                return NULL;
        control_suppose(control, &(struct revision){0}, snapshot);
        control->tell = a;
        foresee_steering(control, snapshot->steering, &findings, &none);
        control->tell = NULL;
        snapshot_free(snapshot);
        problems_free(&none);
        return findings.traffic;
}

bool control_check_geo(struct control *control, struct arena *a, struct doc **traffic, char *error, size_t error_size)
{
        *traffic = NULL;
        if (!control->geo_path_count)
                return true;
        struct geo *opened =
                geo_open((const char *const *)control->geo_paths, control->geo_path_count, error, error_size);
        bool good = opened != NULL;
        if (good)
                *traffic = foresee_geo(control, opened, a);
        geo_close(opened);
        return good;
}

bool control_reload_geo(struct control *control, char *error, size_t error_size)
{
        if (!control->geo_path_count)
                return true;
        control_settle(control); /* what is being written is made for what is in force now */
        struct geo *opened = geo_open_all(control);
        struct snapshot *snapshot =
                opened ? control_build_again(control, opened, control->geo_error, sizeof(control->geo_error)) : NULL;

        if (!snapshot) {
                geo_close(opened);
                snprintf(error, error_size, "%s", control->geo_error);
                log_error("geo", "reload failed, the databases loaded before stay in force: %s", error);
                return false;
        }
        control_publish(control, snapshot);
        geo_close(control->geo);
        control->geo = opened;
        control->geo_error[0] = '\0';
        log_info("geo", "databases reloaded");
        return true;
}
