/* zones/monitors/figures.h: what is known of an endpoint's load: read by checks, pushed over the API, smoothed by
 * steering. */
#ifndef ZONES_MONITORS_FIGURES_H
#define ZONES_MONITORS_FIGURES_H

/* Each one's name, and what it is in. */
#define FIGURES(X)                                                                                                     \
        X(LOAD, load, "in the operator's unit, as max_load is")                                                        \
        X(ERRORS, errors, "percent of requests")                                                                       \
        X(CPU, cpu, "percent")                                                                                         \
        X(MEMORY, memory, "percent")

#define FIGURE_ENUM(id, name, unit)   FIGURE_##id,
#define FIGURE_MEMBER(id, name, unit) float name;
#define FIGURE_NAME(id, name, unit)   #name,
enum figure { FIGURES(FIGURE_ENUM) FIGURE_COUNT };

#define FIGURE_MOST 1000000000000 /* what a check reads beyond this counts as this */

/* Below 0: not known; finite. */
struct figures {
        union {
                struct {
                        FIGURES(FIGURE_MEMBER)
                };
                float of[FIGURE_COUNT]; /* by enum figure */
        };
};
#define FIGURES_UNKNOWN ((struct figures){{{-1, -1, -1, -1}}})

static inline const char *figure_name(enum figure figure)
{
        static const char *const names[] = {FIGURES(FIGURE_NAME)};

        return names[figure];
}

#endif
