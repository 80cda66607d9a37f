#include "tests/unit/random_geo.h"

#include <stdio.h>
#include "tests/unit/mmdb_file.h"
#include "tests/unit/must.h"

static void insert(struct mmdb_file *f, const char *network, uint32_t record)
{
        struct prefix p;

        must_hold(prefix_parse(network, &p));
        mmdb_file_insert(f, &p, record);
}

static uint32_t place(struct mmdb_file *f, const char *continent, const char *country, const char *part,
                      double latitude, double longitude)
{
        uint32_t at = mmdb_file_at(f);

        mmdb_map(f, 4);
        mmdb_text(f, "continent");
        mmdb_map(f, 1);
        mmdb_text(f, "code");
        mmdb_text(f, continent);
        mmdb_text(f, "country");
        mmdb_map(f, 1);
        mmdb_text(f, "iso_code");
        mmdb_text(f, country);
        mmdb_text(f, "subdivisions");
        mmdb_array(f, 1);
        mmdb_map(f, 1);
        mmdb_text(f, "iso_code");
        mmdb_text(f, part);
        mmdb_text(f, "location");
        mmdb_map(f, 2);
        mmdb_text(f, "latitude");
        mmdb_double(f, latitude);
        mmdb_text(f, "longitude");
        mmdb_double(f, longitude);
        return at;
}

void random_geo_write(const char *path, unsigned turn)
{
        struct mmdb_file *f = mmdb_file_new(6, 28);
        char made[200];
        uint32_t places[3];

        places[0] = place(f, "EU", "DE", "BE", 52.5, 13.4);
        places[1] = place(f, "NA", "US", "CA", 37.8, -122.4);
        places[2] = place(f, "SA", "BR", "SP", -23.5, -46.6);
        insert(f, "::c633:6400/120", places[turn % 3]); /* 198.51.100.0/24 */
        insert(f, "::cb00:7100/120", places[(turn + 1) % 3]);
        insert(f, "::c0a8:0/112", places[2]);
        insert(f, "2001:db8::/32", places[turn / 3 % 3]);
        snprintf(made, sizeof(made), "%s.new", path);
        mmdb_file_write(f, made);
        mmdb_file_free(f);
        must_hold(rename(made, path) == 0);
}
