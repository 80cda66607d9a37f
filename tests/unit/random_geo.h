/* tests/unit/random_geo.h: a GeoIP database in which some of the clients of tests/unit/questions.h are elsewhere each
 * turn. */
#ifndef TESTS_UNIT_RANDOM_GEO_H
#define TESTS_UNIT_RANDOM_GEO_H

/* Puts it at `path`, whole at once. */
void random_geo_write(const char *path, unsigned turn);

#endif
