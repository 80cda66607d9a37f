/* What the builder's thread makes. It looks at the store, at the model in force and at what is immutable; never at what
 * is known of endpoints. */
#include <stdio.h>
#include <string.h>
#include "admin/control/build_private.h"
#include "admin/plans/plan_make.h"
#include "base/clock.h"
#include "base/memory.h"
#include "zones/answers/snapshot.h"
#include "zones/load/over.h"
#include "zones/load/serials.h"
#include "zones/steering/steering.h"
#include "zones/store/backup.h"

static bool build_fails(struct build *b, enum control_result result, const char *error)
{
        b->result.result = result;
        snprintf(b->result.error, sizeof(b->result.error), "%s", error);
        return false;
}

/* --- the model --- */

/* Whether a problem is one of a document that the revision writes: then it is not one that was there before. */
static bool concerns(const struct problem *p, const struct revision *r)
{
        char place[600];

        for (size_t i = 0; r && i < r->change_count; i++) {
                int length = snprintf(place, sizeof(place), "%s[%s]", kind_name(r->changes[i].kind), r->changes[i].key);
                if (!strncmp(p->path, place, (size_t)length))
                        return true;
        }
        return false;
}

/* Numbers of a backup that are higher than those here: of the revision, and of zones, which are returned. */
static struct serial_change *taken_numbers(struct build *b, struct store_txn *txn, size_t *count)
{
        const struct backup *backup = b->order.backup;
        struct serial_change *taken =
                ARENA_ARRAY(b->order.arena, struct serial_change, backup ? backup->serial_count : 0);

        *count = 0;
        if (!backup)
                return taken;
        b->result.raised = backup->revision > store_revision(txn);
        if (b->result.raised)
                b->order.revision->number = backup->revision + 1;
        for (size_t i = 0; i < backup->serial_count; i++)
                if (serial_is_above(txn, backup->serials[i].zone, &backup->serials[i].kept))
                        taken[(*count)++] = (struct serial_change){backup->serials[i].zone, backup->serials[i].kept};
        b->result.raised |= *count > 0;
        return taken;
}

/* What is stored, with the changes over it. NULL: problems say why. */
static struct model *load_model(struct build *b, struct store_txn *txn, const struct over *over)
{
        const struct build_asked *asked = b->order.asked;
        bool all = asked && asked->looks; /* of another time: whatever is wrong with it was known then */
        struct problems known = PROBLEMS_INIT;

        for (size_t i = 0; i < b->known.count; i++)
                if (!concerns(&b->known.list[i], b->order.revision))
                        problems_add(&known, b->known.list[i].path, 0, "%s", b->known.list[i].message);
        struct model *m = model_load_over(txn, over, b->before->model, all ? NULL : &known, &b->result.left_out,
                                          &b->result.problems);
        problems_free(&known);
        if (!m)
                b->result.result = CONTROL_INVALID;
        return m;
}

/* Of another time: who asks finds the changes that lead there. */
static struct model *load_asked(struct build *b, struct store_txn *txn)
{
        struct revision *r = b->order.revision;
        const struct build_asked *asked = b->order.asked;
        struct model *m = NULL;

        if (asked->looks(asked->context, txn, r, &b->result.problems))
                m = load_model(b, txn, over_new(b->order.arena, r->changes, r->change_count));
        else
                b->result.result = CONTROL_INVALID;
        if (!m)
                return NULL;
        m->revision = r->number;
        serials_read(txn, m);
        return m;
}

static struct model *load_revision(struct build *b, struct store_txn *txn)
{
        struct revision *r = b->order.revision;
        size_t taken_count;

        if (!b->order.reduced)
                r->change_count = changes_reduce(txn, r->changes, r->change_count);
        r->number = store_revision(txn) + 1;
        struct serial_change *taken = taken_numbers(b, txn, &taken_count);
        if (!r->change_count && !b->result.raised) {
                b->result.result = CONTROL_UNCHANGED;
                return NULL;
        }
        struct model *m = load_model(b, txn, over_new(b->order.arena, r->changes, r->change_count));
        if (!m)
                return NULL;
        m->revision = r->number;
        b->result.serials = serials_raise(txn, m, taken, taken_count, b->order.arena, &b->result.serial_count);
        return m;
}

/* NULL: the result says why. */
static struct model *make_model(struct build *b)
{
        struct store_txn *txn = store_read(b->control->store, b->result.error, sizeof(b->result.error));
        struct model *m = NULL;

        if (!txn) {
                b->result.result = CONTROL_FAILED;
                return NULL;
        }
        if (b->order.asked && b->order.asked->looks)
                m = load_asked(b, txn);
        else
                m = b->order.revision ? load_revision(b, txn) : load_model(b, txn, NULL);
        if (!store_is_whole(txn, b->result.error, sizeof(b->result.error)))
                b->result.result = CONTROL_FAILED;
        store_end(txn);
        if (b->result.result == CONTROL_OK)
                return m;
        model_free(m);
        return NULL;
}

/* --- what hangs off it --- */

/* Whether who is checked, and how, may be another. */
static bool checks_may_change(const struct build *b)
{
        const struct revision *r = b->order.revision;

        if (b->known.count || b->result.left_out.count)
                return true;
        for (size_t i = 0; r && i < r->change_count; i++)
                if (r->changes[i].kind == KIND_POOLS || r->changes[i].kind == KIND_MONITORS ||
                    r->changes[i].kind == KIND_PROBERS || r->changes[i].kind == KIND_REGIONS)
                        return true;
        return false;
}

/* What is another in it, and of whom health is to be asked anew: of all, where probers may be others. */
static void make_plan(struct build *b, const struct model *m)
{
        struct plan *plan = b->plan = plan_make(m, health_plan(b->control->health));
        const struct revision *r = b->order.revision;
        bool all = !r;

        for (size_t i = 0; r && i < r->change_count; i++)
                all |= r->changes[i].kind == KIND_PROBERS || r->changes[i].kind == KIND_REGIONS;
        b->checked = memory_alloc(((all ? m->endpoints_present : plan ? plan->count : 0) + 1) * sizeof(*b->checked));
        model_each (endpoint, e, m->endpoints, all ? m->endpoint_count : 0)
                if (e->monitor != MODEL_NONE && endpoint_is_used(e))
                        b->checked[b->checked_count++] = e->number;
        for (uint32_t i = 0; plan && !all && i < plan->count; i++)
                b->checked[b->checked_count++] = plan->checks[i].number;
}

static bool open_databases(struct build *b)
{
        if (!b->order.geo_paths)
                return true;
        b->result.geo = geo_open((const char *const *)b->order.geo_paths, b->order.geo_path_count, b->result.error,
                                 sizeof(b->result.error));
        if (!b->result.geo)
                b->result.result = CONTROL_FAILED;
        return b->result.geo != NULL;
}

void build_frame(struct build *b)
{
        struct model *m = open_databases(b) ? make_model(b) : NULL;

        if (!m)
                return;
        b->result.snapshot = snapshot_frame(m, b->result.geo ? b->result.geo : b->geo, b->before, &b->result.problems);
        if (!b->result.snapshot) {
                build_fails(b, CONTROL_INVALID,
                            b->result.problems.count ? b->result.problems.list[0].message : "not enough memory");
                return;
        }
        b->states = memory_alloc((m->endpoint_count + 1) * sizeof(*b->states));
        for (uint32_t i = 0; i < m->endpoint_count; i++)
                b->states[i].figures = FIGURES_UNKNOWN;
        b->checks_change = !b->order.asked && checks_may_change(b);
        if (b->checks_change)
                make_plan(b, m);
}

/* What operators have taken out, and when that is looked at. */
static int64_t put_states(struct build *b)
{
        const struct build_asked *asked = b->order.asked;
        const struct revision *r = b->order.revision;
        struct snapshot *s = b->result.snapshot;
        int64_t now = clock_wall_ms();

        if (asked && asked->states)
                return asked->states(asked->context, s, b->before->model, b->states);
        drains_into(b->drains, s->model, now, b->states);
        for (size_t i = 0; r && i < r->change_count; i++) /* for the guard */
                if (r->changes[i].kind == KIND_DRAINS && r->changes[i].document)
                        drains_suppose(r->changes[i].key, s->model, b->states);
        return now;
}

void build_begin(struct build *b)
{
        struct snapshot *s = b->result.snapshot;
        int64_t now = put_states(b);

        b->schedules = schedules_new();
        schedules_take(b->schedules, &(struct scheduling){s->model, b->states, s->steering}, now);
        if (!snapshot_begin(s, b->states, &b->result.problems))
                build_fails(b, CONTROL_INVALID, b->result.problems.list[0].message);
        else if (!b->order.asked)
                b->flattened = flattening_wanted(s, &b->flattened_count);
}
