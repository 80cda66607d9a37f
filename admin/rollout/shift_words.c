/* What people say to shifts. */
#include "admin/rollout/shift_words.h"

#include <string.h>
#include "admin/rollout/rollout_private.h"
#include "admin/rollout/weights.h"
#include "base/clock.h"
#include "zones/config/model.h"
#include "zones/config/schemas.h"

static bool refuse(struct refusal *r, int status, const char *detail)
{
        *r = (struct refusal){status, detail};
        return false;
}

struct doc *shift_service(const struct doc *service, const struct doc *pools, struct arena *a)
{
        struct doc *d = doc_copy(a, service);

        doc_set(d, "pools", doc_copy(a, pools));
        return d;
}

bool shift_read(struct store_txn *txn, const char *name, struct arena *a, struct shift *shift)
{
        struct problems problems = PROBLEMS_INIT;
        struct doc *d = store_get(txn, KIND_SHIFTS, name, a);
        bool good = d && schema_decode(&shift_schema, d, a, shift, &problems);

        problems_free(&problems);
        return good;
}

bool shift_stands(const struct shift *s, const struct doc *service, struct arena *a)
{
        const struct doc *pools = service ? doc_get(service, "pools") : NULL;

        return pools && weights_equal(pools, weights_shifted(s->began, s->to, s->steps.items[s->step - 1], a));
}

/* Whether a service's traffic can be shifted to a pool. */
static bool can_begin(const struct shift_asked *asked, const struct doc *service, struct arena *a, struct refusal *r)
{
        const struct doc *pools = doc_get(service, "pools");
        const char *steering = doc_get_string(service, "steering");

        if (!pools || pools->type != DOC_LIST || !steering || strcmp(steering, "weighted"))
                return refuse(
                        r, 409,
                        arena_printf(a,
                                     "services[%s] has steering %s: a shift goes through weights, steering: weighted; "
                                     "in a service over several regions, through one that a pool contains",
                                     asked->name, steering ? steering : "geo"));
        doc_each (entry, pools)
                if (entry->type == DOC_MAP && doc_get(entry, "schedules"))
                        return refuse(
                                r, 409,
                                arena_printf(a,
                                             "services[%s] has schedules for the weights of its pools: a shift would "
                                             "have no say",
                                             asked->name));
        if (!weights_of_others(pools, asked->to))
                return refuse(r, 409,
                              arena_printf(a, "no pool of services[%s] but %s has a weight: there is nothing to shift",
                                           asked->name, asked->to));
        if (weights_share(pools, asked->to) >= asked->steps.items[0])
                return refuse(r, 409,
                              arena_printf(a, "pools[%s] has %lld%% of services[%s] already: expected steps above that",
                                           asked->to, (long long)weights_share(pools, asked->to), asked->name));
        return true;
}

bool shift_begin(struct control *control, struct store_txn *txn, const struct shift_asked *asked, struct arena *a,
                 struct change changes[SHIFT_CHANGES], size_t *count, struct doc **told, struct problems *problems,
                 struct refusal *r)
{
        const struct doc *service = store_get(txn, KIND_SERVICES, asked->name, a);
        int64_t now = clock_wall_ms();
        struct shift s;

        *told = NULL;
        if (!service)
                return refuse(r, 404, arena_printf(a, "there is no services[%s]", asked->name));
        if (shift_read(txn, asked->name, a, &s))
                return refuse(
                        r, 409,
                        arena_printf(
                                a,
                                "a shift of services[%s] to %s is %s already, by %s; `gslbctl shift abort %s` ends it",
                                asked->name, s.to, shift_state_names[s.state], s.by ? s.by : "somebody", asked->name));
        if (!can_begin(asked, service, a, r) ||
            (asked->abort_if && !condition_asked(control, asked->abort_if, "abort_if", NULL, 0, a, problems, r)))
                return false;
        s = (struct shift){.name = asked->name,
                           .to = asked->to,
                           .every_ms = asked->every_ms,
                           .abort_if = asked->abort_if,
                           .began = doc_get(service, "pools"),
                           .step = 1,
                           .since_ms = now,
                           .next_ms = now + asked->every_ms,
                           .by = asked->by};
        s.steps.items = asked->steps.items;
        s.steps.count = asked->steps.count;
        *told = shift_document(&s, a);
        changes[0] = (struct change){KIND_SERVICES, asked->name,
                                     shift_service(service, weights_shifted(s.began, s.to, s.steps.items[0], a), a)};
        changes[1] = (struct change){KIND_SHIFTS, asked->name, *told};
        *count = 2;
        return true;
}

/* --- those that are there --- */

static bool say_pause(struct shift *s, const char *by, struct arena *a, struct refusal *r)
{
        int64_t left = s->next_ms - clock_wall_ms();

        if (s->state != SHIFT_RUNNING)
                return s->state == SHIFT_PAUSED || refuse(r, 409,
                                                          arena_printf(a, "the shift of services[%s] has stopped: %s",
                                                                       s->name, s->why ? s->why : ""));
        s->state = SHIFT_PAUSED;
        s->why = arena_printf(a, "paused by \"%s\"", by);
        left = (left + 999) / 1000 * 1000;
        s->left_ms = left < 0 ? 0 : left > s->every_ms ? s->every_ms : left;
        s->next_ms = 0;
        return true;
}

static bool say_resume(struct shift *s, const struct doc *service, struct arena *a, struct refusal *r)
{
        if (s->state == SHIFT_STOPPED || !shift_stands(s, service, a))
                return refuse(r, 409,
                              arena_printf(a, "the shift of services[%s] cannot go on: %s; abort it, and begin another",
                                           s->name, s->why ? s->why : "something else changed the service"));
        if (s->state == SHIFT_RUNNING)
                return true;
        s->state = SHIFT_RUNNING;
        s->why = NULL;
        s->next_ms = clock_wall_ms() + s->left_ms;
        return true;
}

bool shift_say(struct store_txn *txn, enum shift_word word, const char *name, const char *by, struct arena *a,
               struct change changes[SHIFT_CHANGES], size_t *count, struct doc **told, struct refusal *r)
{
        const struct doc *service = store_get(txn, KIND_SERVICES, name, a);
        struct shift s;

        *told = doc_new(a, DOC_MAP);
        *count = 0;
        if (!shift_read(txn, name, a, &s))
                return refuse(r, 404,
                              arena_printf(a, "there is no shift of services[%s]; `gslbctl shifts` lists them", name));
        if ((word == SHIFT_PAUSE && !say_pause(&s, by, a, r)) ||
            (word == SHIFT_RESUME && !say_resume(&s, service, a, r)))
                return false;
        if (word != SHIFT_ABORT) {
                struct doc *d = shift_document(&s, a);
                doc_add(*told, "shift", doc_copy(a, d));
                changes[(*count)++] = (struct change){KIND_SHIFTS, name, d};
                return true;
        }
        if (shift_stands(&s, service, a))
                changes[(*count)++] = (struct change){KIND_SERVICES, name, shift_service(service, s.began, a)};
        else
                doc_add_format(a, *told, "warning",
                               "services[%s] stays as it is: something else changed it since the last step", name);
        changes[(*count)++] = (struct change){KIND_SHIFTS, name, NULL};
        return true;
}
