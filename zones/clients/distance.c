#include "zones/clients/distance.h"

#include <math.h>

#define EARTH_RADIUS_KM 6371.0088

double great_circle_km(double latitude1, double longitude1, double latitude2, double longitude2)
{
        const double degree = M_PI / 180;
        double a = sin((latitude2 - latitude1) * degree / 2), b = sin((longitude2 - longitude1) * degree / 2);
        double h = a * a + cos(latitude1 * degree) * cos(latitude2 * degree) * b * b;

        return 2 * EARTH_RADIUS_KM * asin(sqrt(h < 1 ? h : 1));
}
