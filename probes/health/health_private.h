/* probes/health/health_private.h: what the files of health share.
 *
 * Whatever may change health stirs the checks concerned; health_settle then decides in three steps: what each of them
 * wants (entry.h), what the brake holds of that (brake.c), and one application of the rest. */
#ifndef PROBES_HEALTH_HEALTH_PRIVATE_H
#define PROBES_HEALTH_HEALTH_PRIVATE_H

#include "probes/health/due.h"
#include "probes/health/entry.h"
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
        uint32_t region;
        uint64_t boot, sequence, plan_revision;
        uint64_t boots_before[PROBER_BOOTS]; /* the newest that ended, a ring: a late report of one is old */
        uint32_t boot_count;
        uint64_t last_ms;     /* when its last report came */
        uint64_t heard_ms;    /* the same, of the time in which we listened */
        uint64_t interval_ms; /* between its reports, smoothed */
        bool live, trusted;   /* live: counted in the table's tally */
        bool told_live;
        uint32_t up, down;
        uint8_t *states;   /* enum verdict_state by slot: apart from the rest, for the walk over all probers */
        struct said *said; /* by slot */
};

/* What live probers say of one check, to judge those who see nothing. */
struct tally {
        uint32_t up, known;
};

/* One that went down by vote. */
struct death {
        uint32_t slot;
        uint64_t at_ms;
};

struct brake {
        uint32_t share;
        uint64_t window_ms, accept_until_ms;
        uint32_t *held; /* slots of entries that are held; room for all */
        uint32_t held_count;
        struct death *deaths; /* within the window, oldest first */
        size_t death_first, death_count, death_room;
};

struct health_table {
        struct roster *plan;
        struct entry *entries; /* by slot: place in the plan; those of holes have no check */
        uint32_t count;        /* where slots end */
        uint32_t room;         /* of all that is by slot */
        struct due *due;
        uint32_t *stirred; /* slots of entries to decide */
        uint32_t stirred_count;
        struct prober_state *probers[HEALTH_PROBERS_MAX];
        size_t prober_count;
        struct tally *tally;
        bool tally_changed;           /* since trust was judged */
        uint64_t now_ms, listened_ms; /* of the newest call; time spent listening until then */
        struct brake brake;
        struct health_change *changes; /* not yet taken */
        size_t change_count, change_room;
        bool changes_taken;
        struct health_prober *known; /* who may report; NULL: anybody; names owned */
        size_t known_count;
        uint32_t *round_trips; /* slots whose round trips have changed and were not yet asked for; room for all */
        bool *round_trip_new;  /* by slot: it is among them */
        uint32_t round_trip_count;
};

/* --- stir.c --- */
/* More of what is by slot: zeroes. */
void *room_more(void *list, uint32_t before, uint32_t room, size_t size);
#define NO_SLOT ROSTER_NONE
uint32_t health_slot(const struct health_table *, const char *id);
void health_stir(struct health_table *, uint32_t slot);
void health_stir_said(struct health_table *, const struct prober_state *); /* all that this prober has a word on */

/* --- settle.c --- */
void text_replace(char **text, const char *with); /* keeps a copy; NULL for "" */
void changes_drop(struct health_table *);
/* Every call that changes something begins with it. */
void health_begin(struct health_table *, uint64_t now_ms);
void health_settle(struct health_table *, uint64_t now_ms);
struct votes health_votes(const struct health_table *, uint32_t slot);

/* --- health_probers.c --- */
struct prober_state *prober_find(const struct health_table *, const char *name);
struct prober_state *prober_find_or_make(struct health_table *,
                                         const char *name); /* NULL: it may not report, or there are too many */
void prober_free(struct prober_state *, uint32_t count);
/* It has said nothing of this one. */
void prober_unsay(struct health_table *, struct prober_state *, uint32_t slot);
void prober_make_room(struct prober_state *, uint32_t before, uint32_t room);
/* Time passes: probers that have missed their reports count no more. */
void probers_tick(struct health_table *);
void probers_set_known(struct health_table *, const struct health_prober *, size_t count);
/* Takes the regions of those that are known, and forgets the others. */
void probers_keep_known(struct health_table *);
/* Keeps the time that we listened. */
void probers_listen(struct health_table *, uint64_t now_ms);

/* --- health_trust.c --- */
void trust_count(struct health_table *, const struct prober_state *, int sign); /* all its words come or go */
void trust_count_changes(struct health_table *, const struct prober_state *, const uint8_t *before);
void trust_judge(struct health_table *); /* stirs what a change of trust concerns */

/* --- brake.c --- */
/* What an entry wants is known: whether it may be applied now, or is in the brake's list. */
bool brake_passes(struct health_table *, uint32_t slot, struct wanted, uint64_t now_ms);
void brake_drop(struct health_table *, uint32_t slot); /* it is not held any more */
void brake_note_death(struct health_table *, uint32_t slot, uint64_t now_ms);
/* Whether all in the list stay held; else they are to be applied. */
bool brake_holds(struct health_table *, uint64_t now_ms);

#endif
