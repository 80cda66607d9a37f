#include "admin/traffic/foretell.h"

#include <stdlib.h>
#include "admin/traffic/crowds.h"
#include "admin/traffic/traffic_private.h"
#include "base/memory.h"

struct foretold {
        struct asked asked;
        struct forecast *forecast;
};

struct foretold *traffic_foretell(struct traffic *t, const struct steering *is, const struct steering_edit *edit)
{
        const struct snapshot *now = snapshot_current();
        struct foretold *f = memory_alloc(sizeof(*f));

        pthread_mutex_lock(&t->lock);
        taking_all(t);
        f->asked = clients_asked(&t->clients, now->locator, steering_locator(is));
        f->asked.seconds = clients_seconds(&t->clients, taking_second());
        pthread_mutex_unlock(&t->lock);
        f->forecast = forecast_new(&(struct forecast_question){
                .asked = &f->asked, .was = {now->steering, now->version}, .is = {is, CLIENT_NEWEST}, .edit = edit});
        return f;
}

void foretold_free(struct foretold *f)
{
        forecast_free(f->forecast);
        asked_free(&f->asked);
        free(f);
}

double foretold_moved(const struct foretold *f)
{
        return forecast_moved(f->forecast);
}

struct doc *foretold_describe(const struct foretold *f, struct arena *a)
{
        return forecast_describe(f->forecast, a);
}
