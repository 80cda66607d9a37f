/* probes/health/health_private.h: what the files of health share. */
#ifndef PROBES_HEALTH_HEALTH_PRIVATE_H
#define PROBES_HEALTH_HEALTH_PRIVATE_H

#include "base/hash.h"
#include "probes/health/health.h"

#define PROBER_NAME_SIZE 104
#define PROBER_BOOTS     8

/* What a prober says of one check. */
struct said {
        uint8_t reason;
        uint32_t rtt_us;
        int64_t since_ms; /* wall */
        char *detail;     /* NULL: none; owned */
};

/* A vantage point that has reported. */
struct prober_state {
        char name[PROBER_NAME_SIZE];
        uint64_t boot, sequence, plan_revision;
        uint64_t boots_before[PROBER_BOOTS]; /* the newest that ended, a ring: a late report of one is old */
        uint32_t boot_count;
        uint64_t last_ms; /* monotonic: when its last report came */
        bool trusted;
        bool counted; /* in the table's tally */
        uint32_t up, down;
        uint8_t *states;   /* enum verdict_state by slot: apart from the rest, for the walk over all probers */
        struct said *said; /* by slot */
};

/* A word that came over the API. */
struct pushed {
        enum verdict_state state;
        uint64_t until_ms;
        char detail[80], who[PROBER_NAME_SIZE];
};

/* One check: what is in force and why. */
struct entry {
        char *id;
        const struct check *check; /* in the table's plan */
        bool heard;             /* some prober has had a word */
        enum verdict_state state; /* in force */
        enum verdict_state voted; /* by quorum; differs from `state` in quarantine */
        bool quarantined;
        bool pending, held;        /* would go down, waits for health_settle; the brake holds it */
        uint64_t down_at;          /* monotonic: when it last went from up to down; 0: it did not */
        uint64_t half_open_until;  /* monotonic; 0: it is not half open */
        uint64_t closed_until;     /* monotonic: not up before, whatever is said; 0: no such time */
        uint64_t wait_ms;          /* the newest wait of its breaker; 0: it stood its last trial */
        int64_t since_ms;  /* wall */
        uint64_t since_at; /* the same, monotonic */
        uint64_t changes, downtime_ms;
        uint64_t lost_ms; /* monotonic: since when no live prober knows it; 0: one does */
        uint64_t votes_at[HEALTH_CHANGES_MAX]; /* monotonic: the newest changes of `voted`, a ring */
        uint32_t votes;
        struct verdict because;
        char prober[PROBER_NAME_SIZE];
        struct pushed *pushed; /* of an external monitor: the newest word; NULL: none yet; owned */
};

struct health_table {
        health_changed *changed;
        health_shared *shared;
        void *context;
        struct plan *plan; /* a copy */
        struct map *slots;   /* by id: slot + 1 */
        struct entry *entries;
        uint32_t count;
        struct prober_state *probers[HEALTH_PROBERS_MAX];
        size_t prober_count;
        struct {
                uint32_t up, known;
        } *tally; /* by slot: what live probers say, to judge those who see nothing */
        struct {
                uint32_t share, pending, held;
                uint64_t window_ms, accept_until;
                bool settling;
        } brake;
};

/* Not checked, by the operator's will: it keeps its state. */
static inline bool entry_paused(const struct entry *e)
{
        return !e->check->monitor->enabled;
}

static inline bool entry_external(const struct entry *e)
{
        return e->check->monitor->type == MONITOR_EXTERNAL;
}

/* The votes that count for a check. */
struct votes {
        uint32_t up, down;
        uint32_t last_up, last_down; /* probers */
};
struct votes health_votes(const struct health_table *, uint32_t slot, uint64_t now_ms);
bool health_live(const struct prober_state *, int64_t stale_after_ms, uint64_t now_ms);

/* health_brake.c: whether a change from up to down has to wait for health_settle. */
bool brake_defers(struct health_table *, struct entry *, uint64_t now_ms);
void brake_forget(struct health_table *, struct entry *); /* it does not want down any more */
/* Takes or holds what waits: at the end of whatever may have changed something. */
void health_settle(struct health_table *, uint64_t now_ms);
/* health_breaker.c: whether it may be up again, and what a change does to it. */
bool breaker_waits(const struct entry *, uint64_t now_ms);
void breaker_changed(struct health_table *, struct entry *, enum verdict_state before, uint64_t now_ms);
void breaker_tick(struct health_table *, struct entry *, uint64_t now_ms);

void entry_set_state(struct health_table *, struct entry *, enum verdict_state, const struct verdict *because,
                     const char *prober, uint64_t now_ms);
/* Makes up its mind about one check, or all. */
void health_decide(struct health_table *, uint32_t slot, uint64_t now_ms);
void health_decide_all(struct health_table *, uint64_t now_ms);
/* Whether to trust each prober (health_trust.c). true: something changed. */
bool health_trust(struct health_table *, uint64_t now_ms);
/* Keeps the tally: a report has come, with the states before; or probers or checks are others. */
void trust_count_changes(struct health_table *, struct prober_state *, const uint8_t *before);
void trust_count_all(struct health_table *, uint64_t now_ms);
/* 0 when there is none, else the slot + 1. */
uint32_t health_slot(const struct health_table *, const char *id);

#endif
