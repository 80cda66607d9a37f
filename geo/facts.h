/* geo/facts.h: what is known of a place. */
#ifndef GEO_FACTS_H
#define GEO_FACTS_H

#include <stdbool.h>
#include <stdint.h>

/* What the databases say of a network. Empty strings and 0 where they say nothing. */
struct geo_facts {
        char continent[3];   /* "EU" */
        char country[3];     /* ISO 3166-1 alpha-2: "DE" */
        char subdivision[8]; /* ISO 3166-2: "US-CA" */
        uint32_t asn;
        bool has_location;
        float latitude, longitude; /* degrees */
};

#endif
