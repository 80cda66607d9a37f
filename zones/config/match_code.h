/* zones/config/match_code.h: the codes of continents and countries that GeoIP databases use. Pure. */
#ifndef ZONES_CONFIG_MATCH_CODE_H
#define ZONES_CONFIG_MATCH_CODE_H

#include <stdbool.h>

/* Whether there is such a code: AF, AN, AS, EU, NA, OC, SA; ISO 3166-1 alpha-2, and XK for Kosovo. When not, *meant is
 * the code that was probably meant, or NULL. */
bool continent_known(const char *code, const char **meant);
bool country_known(const char code[2], const char **meant);

#endif
