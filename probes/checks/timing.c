#include "probes/checks/timing.h"

uint64_t timing_next_ms(const struct monitor *m, struct check_state s, uint64_t hash, uint64_t started_ms,
                        uint32_t random)
{
        uint64_t interval =
                (uint64_t)(s.state == VERDICT_DOWN && m->down_interval_ms ? m->down_interval_ms : m->interval_ms);
        uint64_t phase = hash % interval, most_jitter = interval * (uint64_t)m->jitter_percent / 100;

        if (s.streak && m->fast_interval_ms)
                return started_ms + (uint64_t)m->fast_interval_ms;
        /* Not sooner than a quarter of the interval: a timer that fires early must not run a check twice. */
        uint64_t earliest = started_ms + interval / 4;
        uint64_t past = (earliest % interval + interval - phase) % interval; /* since the phase's last moment */
        return earliest + (past ? interval - past : 0) + random % (most_jitter + 1);
}
