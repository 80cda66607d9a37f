/* Figures that move with time: smoothed loads and round trips, slow start, shedding. Control thread.
 *
 * Every figure is smoothed exponentially, and what is decided by comparing figures compares shown values that follow
 * the smoothed one only when it has moved well away: noise moves nobody. */
#include <math.h>
#include "zones/steering/steering_tables.h"

#define SMOOTHING_MS  20000.0 /* time constant of the averages */
#define SHOWN_WITHIN  0.10    /* a shown figure follows when the smoothed one is farther away than this */
#define RTT_WITHIN_US 1000.0  /* and than this */
#define RAMP_LEAST    0.01    /* an endpoint that has just come back gets this share of its weight */
#define SHED_PER_S    0.02    /* most that is shed in a second, of the whole */
#define REGAIN_PER_S  0.01    /* most that is taken back in a second */
#define AIM           0.95    /* of max_load: where shedding and taking back stop */
#define REGAIN_BELOW  0.90    /* nothing is taken back before the load is below this share of max_load */
#define KEPT_LEAST    0.01
#define SMOOTH_WITHIN 1e-6 /* an average this near to what it follows has arrived */
#define SAMPLE_SHARE  0.2  /* of a new round trip in its average */

void endpoint_live_reset(struct endpoint_live *e)
{
        *e = (struct endpoint_live){
                .figures = FIGURES_UNKNOWN, .rtt_us = -1, .cost_shown = -1, .kept = 1, .kept_was = 1, .ramp = 1};
}

/* --- what counts of one endpoint, pool or entry of a service, its schedules included --- */

bool endpoint_has_family(const struct endpoint *e, enum family family)
{
        switch ((enum endpoint_type)e->type) {
        case ENDPOINT_A:
                return family == FAMILY_A;
        case ENDPOINT_AAAA:
                return family == FAMILY_AAAA;
        case ENDPOINT_CNAME:
                break;
        }
        return true;
}

bool endpoint_enabled(const struct steering *t, const struct endpoint *e, uint32_t number)
{
        return schedule_enabled(&e->schedules, &state_at(t, number)->scheduled, e->enabled);
}

int64_t endpoint_weight(const struct steering *t, const struct endpoint *e, uint32_t number)
{
        return schedule_weight(&e->schedules, &state_at(t, number)->scheduled, e->weight);
}

bool pool_enabled(const struct pool_live *p)
{
        return schedule_enabled(&p->pool->schedules, &p->scheduled, p->pool->enabled);
}

int64_t member_weight(const struct route *r, uint32_t position)
{
        const struct member_schedules *m = r->schedules ? &r->schedules[position] : NULL;

        return m ? schedule_weight(&m->list, &m->now, r->pools[position].weight) : r->pools[position].weight;
}

bool endpoint_alive(const struct steering *t, const struct endpoint *e, uint32_t number)
{
        if (t->live[number].flattened && !t->live[number].resolved) /* nothing to answer with yet */
                return false;
        return endpoint_enabled(t, e, number) && state_at(t, number)->health != HEALTH_DOWN;
}

bool endpoint_up(const struct steering *t, const struct endpoint *e, uint32_t number)
{
        return endpoint_alive(t, e, number) && !state_at(t, number)->drained;
}

bool endpoint_serves(const struct steering *t, const struct pool_live *live, const struct endpoint *e, uint32_t number)
{
        return endpoint_up(t, e, number) && !(live->held_apart && state_at(t, number)->held_since_s);
}

/* --- smoothing --- */

static void smooth(float *average, float sample, double share)
{
        if (!(sample >= 0))
                return;
        if (*average < 0)
                *average = sample;
        else
                *average += (float)(share * ((double)sample - (double)*average));
        if (share > 0 && fabs((double)sample - (double)*average) <= SMOOTH_WITHIN * ((double)sample + 1))
                *average = sample;
}

/* Returns whether it moved. */
static bool show(float *shown, float value, double least)
{
        double away = fabs((double)value - (double)*shown);

        if (value < 0 || (*shown >= 0 && (away <= SHOWN_WITHIN * (double)*shown || away <= least)))
                return false;
        *shown = value;
        return true;
}

static void smooth_endpoint(const struct endpoint_state *s, struct endpoint_live *e, double share)
{
        for (unsigned i = 0; i < FIGURE_COUNT; i++)
                smooth(&e->figures.of[i], s->figures.of[i], share);
        smooth(&e->rtt_us, s->rtt_us ? (float)s->rtt_us : -1, share);
}

struct endpoint_live figures_now(const struct steering *t, uint32_t endpoint)
{
        struct endpoint_live e = t->live[endpoint];

        if (e.smoothed_ms && t->now_ms > e.smoothed_ms)
                smooth_endpoint(&t->states[endpoint], &e, 1 - exp(-(double)(t->now_ms - e.smoothed_ms) / SMOOTHING_MS));
        e.smoothed_ms = t->now_ms;
        return e;
}

static bool differ(float a, float b)
{
        return a < b || a > b;
}

static double known(float figure)
{
        return figure > 0 ? (double)figure : 0;
}

/* The cost that `fastest` and `score` compare; below 0: not known. */
static float cost_of(const struct pool *p, const struct endpoint_live *e)
{
        if (p->balance == BALANCE_FASTEST)
                return e->rtt_us;
        return (float)(p->score.response_time * known(e->rtt_us) / 1000 + p->score.load * known(e->figures.load) +
                       p->score.errors * known(e->figures.errors) + p->score.cpu * known(e->figures.cpu) +
                       p->score.memory * known(e->figures.memory));
}

static bool show_costs(struct steering *t, const struct pool *p, uint32_t number)
{
        struct endpoint_live *e = &t->live[number];
        double least = p->balance == BALANCE_FASTEST ? RTT_WITHIN_US : 0;
        return (p->balance == BALANCE_FASTEST || p->balance == BALANCE_SCORE) &&
               show(&e->cost_shown, cost_of(p, e), least);
}

static float ramp_of(const struct steering *t, const struct pool *p, uint32_t number)
{
        int64_t slow = p->slow_start_ms, since = t->states[number].up_since_ms;

        if (!slow || !since || t->now_ms >= since + slow)
                return 1;
        double ramp = (double)(t->now_ms - since) / (double)slow;
        return (float)(ramp > RAMP_LEAST ? ramp : RAMP_LEAST);
}

bool figures_take(struct steering *t, const struct pool *p, uint32_t endpoint)
{
        struct endpoint_live *e = &t->live[endpoint];
        float load = e->figures.load;

        smooth_endpoint(&t->states[endpoint], e, 0);
        e->ramp = ramp_of(t, p, endpoint);
        return show_costs(t, p, endpoint) || (p->balance == BALANCE_LEAST_LOAD && load < 0 && e->figures.load >= 0);
}

/* --- shedding --- */

/* The share to keep, one step nearer to what brings the load just under `most`. `was` is the share kept over the time
 * that the smoothed load speaks of, so load / was is what is offered, whatever has been shed since: that keeps the lag
 * of the figures from swinging it. Where the load to come lies between REGAIN_BELOW and 1 of `most`, nothing changes.
 */
static float kept_step(float kept, float was, float load, double most, double elapsed_s)
{
        double offered = (double)load / (double)was, coming = offered * (double)kept / most, next = (double)kept;

        if (coming > 1)
                next = fmax(AIM * most / offered, next - SHED_PER_S * elapsed_s);
        else if (coming < REGAIN_BELOW)
                next = fmin(offered > 0 ? AIM * most / offered : 1, next + REGAIN_PER_S * elapsed_s);
        return (float)fmin(fmax(next, KEPT_LEAST), 1);
}

static bool kept_moves(float *kept, float *was, float load, double most, int64_t elapsed_ms)
{
        float before = *kept;

        if (most <= 0 || load < 0)
                return false;
        smooth(was, *kept, 1 - exp(-(double)elapsed_ms / SMOOTHING_MS));
        *kept = kept_step(before, *was, load, most, (double)elapsed_ms / 1000);
        return differ(*kept, before);
}

static float pool_load(const struct steering *t, const struct pool *p)
{
        const struct endpoint *endpoints = p->endpoints.items;
        double sum = 0;
        unsigned n = 0;

        for (uint32_t i = 0; i < p->endpoints.count; i++) {
                uint32_t number = endpoints[i].number;
                if (endpoint_up(t, &endpoints[i], number) && t->live[number].figures.load >= 0) {
                        sum += (double)t->live[number].figures.load;
                        n++;
                }
        }
        return n ? (float)(sum / n) : -1;
}

bool figures_tick(struct steering *t, struct pool_live *live, int64_t elapsed_ms)
{
        const struct pool *p = live->pool;
        const struct endpoint *endpoints = p->endpoints.items;
        bool moved = false;

        for (uint32_t i = 0; i < p->endpoints.count; i++) {
                uint32_t number = endpoints[i].number;
                struct endpoint_live *e = &t->live[number];
                float ramp = e->ramp, load = e->figures.load;
                *e = figures_now(t, number);
                e->ramp = ramp_of(t, p, number);
                moved |= show_costs(t, p, number);
                moved |= differ(e->ramp, ramp);
                moved |= kept_moves(&e->kept, &e->kept_was, e->figures.load, endpoints[i].max_load, elapsed_ms);
                moved |= p->balance == BALANCE_LEAST_LOAD && differ(e->figures.load, load);
        }
        moved |= kept_moves(&live->load_kept, &live->load_kept_was, pool_load(t, p), p->max_load, elapsed_ms);
        return moved;
}

/* --- at rest --- */

void pool_figures_init(struct pool_live *live)
{
        const struct pool *p = live->pool;
        const struct endpoint *endpoints = p->endpoints.items;

        live->by_load = p->balance == BALANCE_LEAST_LOAD || p->max_load > 0;
        for (uint32_t i = 0; i < p->endpoints.count; i++)
                live->by_load |= endpoints[i].max_load > 0;
        live->by_round_trip = p->balance == BALANCE_FASTEST || live->timing;
        live->by_cost = p->balance == BALANCE_SCORE;
}

static bool arrived(float average, float sample)
{
        return !(sample >= 0) || !differ(average, sample);
}

static bool endpoint_arrived(const struct pool_live *live, const struct endpoint_state *s,
                             const struct endpoint_live *e)
{
        if (live->by_cost &&
            !(arrived(e->figures.errors, s->figures.errors) && arrived(e->figures.cpu, s->figures.cpu) &&
              arrived(e->figures.memory, s->figures.memory)))
                return false;
        if ((live->by_cost || live->by_load) && !arrived(e->figures.load, s->figures.load))
                return false;
        return !(live->by_cost || live->by_round_trip) || !s->rtt_us || arrived(e->rtt_us, (float)s->rtt_us);
}

static bool kept_at_rest(float kept, float was, float load, double most)
{
        return most <= 0 || load < 0 || (!differ(kept, was) && !differ(kept_step(kept, was, load, most, 1), kept));
}

bool figures_at_rest(const struct steering *t, const struct pool_live *live)
{
        const struct pool *p = live->pool;
        const struct endpoint *endpoints = p->endpoints.items;

        for (uint32_t i = 0; i < p->endpoints.count; i++) {
                uint32_t number = endpoints[i].number;
                const struct endpoint_live *e = &t->live[number];
                if (e->ramp < 1 || !endpoint_arrived(live, &t->states[number], e) ||
                    !kept_at_rest(e->kept, e->kept_was, e->figures.load, endpoints[i].max_load))
                        return false;
        }
        return kept_at_rest(live->load_kept, live->load_kept_was, pool_load(t, p), p->max_load);
}

/* --- round trips by the prober's region --- */

static float *round_trip_at(const struct steering *t, uint32_t region, uint32_t endpoint)
{
        return &t->round_trips[(size_t)endpoint * t->regions + region];
}

static float *shown_at(const struct steering *t, uint32_t row, uint32_t pool)
{
        return &t->round_trips_shown[(size_t)pool * (t->regions + 1) + row];
}

void round_trips_reset(struct steering *t, uint32_t endpoint)
{
        for (uint32_t region = 0; t->round_trips && region < t->regions; region++)
                *round_trip_at(t, region, endpoint) = -1;
}

void round_trips_shown_reset(struct steering *t, uint32_t pool)
{
        for (uint32_t row = 0; t->round_trips && row <= t->regions; row++)
                *shown_at(t, row, pool) = -1;
}

void steering_round_trip(struct steering *t, uint32_t region, uint32_t endpoint, uint32_t rtt_us)
{
        const struct endpoint *e = endpoint < t->endpoint_count ? t->model->endpoints[endpoint] : NULL;

        if (!t->round_trips || region >= t->regions || !e || !rtt_us)
                return;
        steering_note(t, t->pools[e->pool]);
        smooth(round_trip_at(t, region, endpoint), (float)rtt_us, SAMPLE_SHARE);
        steering_watch(t, t->pools[e->pool]);
}

/* The mean over a pool's endpoints that are up, as the probers of a region see them; row `regions`: as all see them. */
static float pool_round_trip(const struct steering *t, uint32_t row, const struct pool *p)
{
        const struct endpoint *endpoints = p->endpoints.items;
        double sum = 0;
        unsigned n = 0;

        for (uint32_t i = 0; i < p->endpoints.count; i++) {
                uint32_t number = endpoints[i].number;
                float rtt = row == t->regions ? t->live[number].rtt_us : *round_trip_at(t, row, number);
                if (rtt >= 0 && endpoint_up(t, &endpoints[i], number)) {
                        sum += (double)rtt;
                        n++;
                }
        }
        return n ? (float)(sum / n) : -1;
}

bool round_trips_look(struct steering *t, const struct pool_live *live)
{
        bool moved = false;

        for (uint32_t row = 0; row <= t->regions; row++)
                moved |= show(shown_at(t, row, live->number), pool_round_trip(t, row, live->pool), RTT_WITHIN_US);
        return moved;
}

float round_trip_shown(const struct steering *t, uint32_t row, uint32_t pool)
{
        float here = *shown_at(t, row, pool);

        return here >= 0 ? here : *shown_at(t, t->regions, pool);
}
